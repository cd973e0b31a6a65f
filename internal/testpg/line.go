package testpg

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

// Line is a way to PostgreSQL that can stall: what the database answers is held back
// for as long as the test likes, while everything that is sent to it arrives.
type Line struct {
	// DSN leads through the line.
	DSN string
	// Held is closed when the answer to that commit is held back: the commit is done.
	Held chan struct{}

	mu         sync.Mutex
	release    chan struct{} // nil while nothing is held back
	committing net.Conn      // whose commit it was, until its answer has come
	commits    int           // how many there are until the answers are held back; 0: never
	clients    map[net.Conn]bool
}

// NewLine gives a line to the database at dsn. It ends with the test.
func NewLine(t testing.TB, dsn string) *Line {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	network, database := "tcp", u.Host
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u.Host = listener.Addr().String()
	query := u.Query()
	query.Set("sslmode", "disable")
	if folder := query.Get("host"); folder != "" { // as scripts/with-postgres has it
		network, database = "unix", filepath.Join(folder, ".s.PGSQL.5432")
		query.Del("host")
	}
	u.RawQuery = query.Encode()
	l := &Line{DSN: u.String(), Held: make(chan struct{}), clients: map[net.Conn]bool{}}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(func() {
		l.Release()
		cancel()
		_ = listener.Close()
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go l.relay(ctx, client, network, database)
		}
	}()
	return l
}

// HoldAfterCommits holds back every answer from that of the nth COMMIT on, counted
// from now.
func (l *Line) HoldAfterCommits(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commits, l.committing, l.Held = n, nil, make(chan struct{})
}

// Release lets the answers through again.
func (l *Line) Release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.commits = 0
	if l.release != nil {
		close(l.release)
		l.release = nil
	}
}

// Cut ends all connections, as a database does that is started again: what is held
// back never arrives.
func (l *Line) Cut() {
	l.mu.Lock()
	for client := range l.clients {
		_ = client.Close()
	}
	clear(l.clients)
	l.mu.Unlock()
	l.Release()
}

// relay carries one connection both ways.
func (l *Line) relay(ctx context.Context, client net.Conn, network, database string) {
	l.mu.Lock()
	l.clients[client] = true
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.clients, client)
		l.mu.Unlock()
		_ = client.Close()
	}()
	var dialer net.Dialer
	server, err := dialer.DialContext(ctx, network, database)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = client.Close(); _ = server.Close() })
	defer stop()
	go func() {
		l.carry(server, client, func(sent []byte) { l.count(client, sent) })
		_ = server.Close()
	}()
	l.carry(client, server, func([]byte) { l.wait(ctx, client) })
}

func (l *Line) carry(to io.Writer, from io.Reader, before func([]byte)) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			before(buffer[:n])
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if errors.Is(err, io.EOF) || err != nil {
			return
		}
	}
}

// count looks for the commits on their way to the database.
func (l *Line) count(client net.Conn, sent []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.commits == 0 || !bytes.Contains(bytes.ToLower(sent), []byte("commit")) {
		return
	}
	if l.commits--; l.commits == 0 {
		l.release, l.committing = make(chan struct{}), client
	}
}

// wait holds an answer back. That to the commit says that it is done.
func (l *Line) wait(ctx context.Context, client net.Conn) {
	l.mu.Lock()
	release := l.release
	if release != nil && l.committing == client {
		l.committing = nil
		close(l.Held)
	}
	l.mu.Unlock()
	if release == nil {
		return
	}
	select {
	case <-release:
	case <-ctx.Done():
	}
}
