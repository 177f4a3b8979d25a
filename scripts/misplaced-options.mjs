/** Options of our programs, and whether a value follows. npm takes what stands before `--` for its own settings. */
const options = {
  host: true,
  port: true,
  data: true,
  demo: false,
  'public-demo': false,
  reset: false,
  open: false,
  json: false,
  repair: false,
  'pending-seconds': true,
  stack: false,
  kill: true,
  seed: true,
  each: false,
  fault: true,
  short: false,
  leaked: false,
  settle: true,
}

/**
 * What somebody should have typed who left out the `--` of `npm start -- --port 1`, so that npm kept the option to
 * itself and the program would do something else (such as deleting another folder). Nothing where all is well.
 * @param args those that came through
 */
export function findMisplacedOptions(args, env) {
  const valueOf = (name) => env[`npm_config_${name.replaceAll('-', '_')}`]
  const kept = Object.keys(options).filter((name) => valueOf(name) !== undefined && valueOf(name) !== 'false')
  if (kept.length === 0) return undefined

  const typed = (name) => {
    const value = valueOf(name)
    if (value === '') return `--no-${name}`
    return value === 'true' ? `--${name}` : `--${name} ${quoted(value)}`
  }
  // The value of an option was taken for an argument when a blank stood between them.
  const lacksValue = (name) => options[name] && valueOf(name) === 'true'
  const inOrder = [...kept.filter((name) => !lacksValue(name)), ...kept.filter(lacksValue)]
  const command = ['start', 'test'].includes(env.npm_lifecycle_event) ? '' : 'run '
  return {
    names: kept.map((name) => `--${valueOf(name) === '' ? 'no-' : ''}${name}`).join(' and '),
    command: [
      'npm',
      `${command}${env.npm_lifecycle_event}`,
      '--',
      ...inOrder.map(typed),
      ...args.map(quoted),
    ].join(' '),
  }
}

const quoted = (text) => (/^[\w./:@=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`)
