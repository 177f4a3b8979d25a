import { render } from 'preact'
import { App } from './app.tsx'
import { refuseFiles } from './files-not-yet.ts'
import { openSession } from './session/session.ts'

const root = document.getElementById('app')
if (root === null) throw new Error('index.html has no #app')
render(<App session={openSession(window)} hint={refuseFiles(window)} />, root)
