package witness_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"errors"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	_ "modernc.org/sqlite"

	"foyer/internal/testneeds"
	"foyer/ledger"
	"foyer/witness"
)

// litewitness builds the witness that somebody else wrote.
func litewitness(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "litewitness")
	build := exec.CommandContext(t.Context(), "go", "build", "-C", filepath.Join("..", "tools", "litewitness"), "-o", path, "filippo.io/torchwood/cmd/litewitness")
	if out, err := build.CombinedOutput(); err != nil {
		testneeds.Missing(t, "litewitness", "its modules must be there, or to be had: "+string(out))
	}
	return path
}

// serveKey has an SSH agent hold a key, which is how litewitness is given one.
func serveKey(t *testing.T, socket string, key ed25519.PrivateKey) {
	t.Helper()
	keys := agent.NewKeyring()
	must(t, keys.Add(agent.AddedKey{PrivateKey: key}))
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "unix", socket)
	must(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(keys, c) }()
		}
	}()
}

func freeAddress(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

// answers waits until a server does.
func answers(t *testing.T, url string) {
	t.Helper()
	for {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		must(t, err)
		client := http.Client{}
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatal("it doesn't answer")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Somebody else wrote it. The name of the test is short, as the path of a socket is.
func TestLitewitnessCosigns(t *testing.T) {
	t.Parallel()
	binary := litewitness(t)
	folder := t.TempDir()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	socket := filepath.Join(folder, "agent")
	serveKey(t, socket, private)
	public, err := ssh.NewPublicKey(private.Public())
	must(t, err)
	address, database := freeAddress(t), filepath.Join(folder, "witness.db")
	process := exec.CommandContext(t.Context(), binary, "-name", "witness.example.com/lite", "-ssh-agent", socket,
		"-key", ssh.FingerprintSHA256(public), "-listen", address, "-db", database)
	process.Stderr = t.Output()
	must(t, process.Start())
	t.Cleanup(func() { _ = process.Process.Kill(); _ = process.Wait() })
	answers(t, "http://"+address+"/")

	c := &clock{at: time.Now()} // it has no other
	l := newLog(t, c)
	db, err := sql.Open("sqlite", "file:"+database)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	_, err = db.ExecContext(t.Context(), `INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)`, origin, new(ledger.Tree).Root().String())
	must(t, err)
	_, err = db.ExecContext(t.Context(), `INSERT INTO key (origin, key) VALUES (?, ?)`, origin, l.key.Public()[0])
	must(t, err)

	key, err := ledger.NewCosigner("witness.example.com/lite", private)
	must(t, err)
	w := policy(t, "any", []string{"http://" + address}, key.Public())
	collector := witness.NewCollector(w, c.now, nil)
	for range 3 {
		l.many(t, 9, "event")
		if signed := collector.Cosign(t.Context(), l.sign(t), l.prove); !w.Enough(signed) {
			t.Fatalf("it has not cosigned: %v", errorOf(collector, 0))
		}
	}
	// A Foyer that was started since asks it what it has seen.
	l.many(t, 9, "event")
	if signed := witness.NewCollector(w, c.now, nil).Cosign(t.Context(), l.sign(t), l.prove); !w.Enough(signed) {
		t.Fatal("it has not cosigned for another process")
	}

	forked := l.fork()
	l.many(t, 2, "event")
	forked.many(t, 2, "another event")
	shorter := newLog(t, c)
	shorter.key = l.key
	shorter.many(t, 30, "event")
	if !w.Enough(collector.Cosign(t.Context(), l.sign(t), l.prove)) {
		t.Fatal("the ledger is refused before anything was done to it")
	}
	for name, bad := range map[string]*log{"forked": forked, "cut off": shorter} {
		c.add(time.Hour)
		signed := collector.Cosign(t.Context(), bad.sign(t), bad.prove)
		var refused *witness.RefusedError
		if len(w.Of(signed)) != 0 || !errors.As(errorOf(collector, 0), &refused) {
			t.Errorf("%s: %v, and is cosigned by %+v", name, errorOf(collector, 0), w.Of(signed))
		}
	}
}
