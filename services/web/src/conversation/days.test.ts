import { dayLabel, dayOf, recentLabel, timeLabel } from './days.ts'

const at = (year: number, month: number, day: number, hour = 12): number =>
  new Date(year, month - 1, day, hour).getTime()
const now = at(2026, 3, 30, 0.5)

it('tells days apart by the calendar, and not by hours', () => {
  expect(dayOf(at(2026, 3, 29, 23))).not.toBe(dayOf(at(2026, 3, 30, 0)))
  expect(dayOf(at(2026, 3, 30, 0))).toBe(dayOf(at(2026, 3, 30, 23)))
})

it('names days near and far', () => {
  expect(dayLabel(at(2026, 3, 30, 0), now)).toBe('Today')
  expect(dayLabel(at(2026, 3, 29, 23), now)).toBe('Yesterday')
  expect(dayLabel(at(2026, 3, 29, 0), now)).toBe('Yesterday')
  expect(dayLabel(at(2026, 3, 1), now)).not.toContain('2026')
  expect(dayLabel(at(2025, 3, 30), now)).toContain('2025')
})

it('is short in a list', () => {
  expect(recentLabel(at(2026, 3, 30, 0), now)).toBe(timeLabel(at(2026, 3, 30, 0)))
  expect(recentLabel(at(2026, 3, 29), now)).toBe('Yesterday')
  expect(recentLabel(at(2026, 3, 27), now)).toBe(
    new Intl.DateTimeFormat(undefined, { weekday: 'long' }).format(at(2026, 3, 27)),
  )
})
