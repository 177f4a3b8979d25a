// Run by the image of MongoDB when its database is empty: a user per service, for its own database only.
const { readFileSync } = require('node:fs')

for (const service of ['auth', 'chat']) {
  const database = `parley_${service}`
  const pwd = readFileSync(`/run/secrets/${service}-password`, 'utf8').trim()
  db.getSiblingDB(database).createUser({
    user: service,
    pwd,
    roles: [{ role: 'readWrite', db: database }],
  })
}
