package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/cdp"
)

var errNoChromium = errors.New("no Chromium on this machine")

// chromium gives the one browser of the test process, started when it is first
// asked for. Tests are kept apart by an incognito context each.
var chromium = sync.OnceValues(startChromium)

// startChromium starts the browser with a pipe instead of a port. Chromium ends
// when the pipe closes, so it ends with the test process, even a killed one, and
// nothing else on the machine can drive it. The shell around it stays to remove
// the profile.
func startChromium() (*rod.Browser, error) {
	path, err := findChromium()
	if err != nil {
		return nil, err
	}
	profile, err := os.MkdirTemp("", "foyer-chromium-")
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(profile, "log"))
	if err != nil {
		return nil, err
	}
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}

	args := append([]string{"-c", `"$@"; rm -rf "$0"`, profile, path}, flags(profile)...)
	cmd := exec.Command("sh", args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{theirIn, theirOut}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	for _, theirs := range []io.Closer{theirIn, theirOut, log} {
		theirs.Close()
	}

	client := cdp.New().Start(&pipe{in: bufio.NewReader(ourIn), out: ourOut})
	browser := rod.New().Client(client).NoDefaultDevice()
	if err := browser.Connect(); err != nil {
		output, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("connect to %s: %w\n%s", path, err, output)
	}
	return browser, nil
}

func findChromium() (string, error) {
	if path := os.Getenv("FOYER_TEST_CHROMIUM"); path != "" {
		return path, nil
	}
	// The first is the same browser without a window, which takes half the time.
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoChromium
}

// flags makes the browser quiet, alike on every machine, and unable to reach
// anything but this one.
func flags(profile string) []string {
	flags := []string{
		"--headless=new",
		"--remote-debugging-pipe",
		"--user-data-dir=" + profile,
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
		// A page shown by Back is loaded again, so a test can wait for it.
		"--disable-features=BackForwardCache,Translate,MediaRouter,OptimizationHints",
		"--disable-background-networking",
		"--disable-component-update",
		"--disable-default-apps",
		"--disable-dev-shm-usage", // A container's /dev/shm is too small.
		"--disable-extensions",
		"--disable-gpu",
		"--disable-quic",
		"--disable-sync",
		"--force-color-profile=srgb",
		"--font-render-hinting=none",
		"--hide-scrollbars",
		"--lang=en-GB",
		"--no-default-browser-check",
		"--no-first-run",
	}
	if os.Geteuid() == 0 {
		flags = append(flags, "--no-sandbox") // Chromium refuses to start as root with it.
	}
	return flags
}

// pipe carries the DevTools protocol: JSON messages with a NUL after each.
type pipe struct {
	in *bufio.Reader

	mu  sync.Mutex
	out io.Writer
}

// Send writes one message.
func (p *pipe) Send(message []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.out.Write(append(message, 0))
	return err
}

// Read waits for one message.
func (p *pipe) Read() ([]byte, error) {
	message, err := p.in.ReadBytes(0)
	if err != nil {
		return nil, err
	}
	return message[:len(message)-1], nil
}
