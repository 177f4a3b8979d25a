import { nextUnreadLine, withoutLine, type UnreadLine } from './unread-line.ts'

const watched = { isWatched: true }
const away = { isWatched: false }
const unread = (readUntil: number) => ({ readUntil, hasUnread: true })
const read = (readUntil: number) => ({ readUntil, hasUnread: false })
const play = (...looks: Parameters<typeof nextUnreadLine>[1][]): UnreadLine | undefined =>
  looks.reduce<UnreadLine | undefined>((line, look) => nextUnreadLine(line, look), undefined)

describe('the line above what is new', () => {
  it('stands above what was unread when one came, and stays while one reads', () => {
    expect(play({ ...unread(3), ...watched })?.after).toBe(3)
    expect(
      play({ ...unread(3), ...watched }, { ...unread(7), ...watched }, { ...read(9), ...watched })?.after,
    ).toBe(3)
    expect(play({ ...read(3), ...watched })?.after).toBeUndefined()
  })

  it('moves to what comes while one looks elsewhere, and only when what was before is read', () => {
    expect(
      play({ ...unread(3), ...watched }, { ...read(5), ...watched }, { ...unread(5), ...away })?.after,
    ).toBe(5)
    expect(play({ ...unread(3), ...watched }, { ...unread(4), ...away })?.after).toBe(3)
  })

  it('does not show for what is seen as it comes', () => {
    expect(
      play({ ...read(3), ...watched }, { ...unread(3), ...watched }, { ...read(4), ...watched })?.after,
    ).toBeUndefined()
  })

  it('shows above the first of more than fits into view at once', () => {
    expect(
      play({ ...read(3), ...watched }, { ...unread(3), ...watched }, { ...unread(8), ...away })?.after,
    ).toBe(3)
  })

  it('goes when one answers, until there is reason for it again', () => {
    const answered = withoutLine(play({ ...unread(3), ...watched })!)
    expect(answered.after).toBeUndefined()
    const caughtUp = nextUnreadLine(answered, { ...read(6), ...watched })
    expect(nextUnreadLine(caughtUp, { ...unread(6), ...away }).after).toBe(6)
  })
})
