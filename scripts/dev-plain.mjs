// dev-plain: passes requests on without what asks for compression, for scripts/dev.
import http from 'node:http'

const [port, to] = process.argv.slice(2)
http.createServer((request, answer) => {
  const headers = { ...request.headers, 'accept-encoding': 'identity' }
  const onward = http.request({ host: '127.0.0.1', port: to, path: request.url, method: request.method, headers }, (got) => {
    answer.writeHead(got.statusCode, got.rawHeaders)
    got.pipe(answer)
  })
  onward.on('error', () => answer.destroy()) // Foyer is being started again: templ asks once more
  request.pipe(onward)
}).listen(port, '127.0.0.1')
