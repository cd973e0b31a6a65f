package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"foyer/ledger"
	"foyer/safely"
)

// Collector asks the witnesses of a policy to cosign checkpoints. Its methods may be called
// concurrently.
type Collector struct {
	witnesses *ledger.Witnesses
	now       func() time.Time
	log       *slog.Logger
	client    http.Client

	mu     sync.Mutex
	states []State // in the order of the policy
}

// State is how it stands with a witness, as far as this process knows.
type State struct {
	Witness string    // its name in the policy
	Err     error     // why it did not cosign when it was last asked; RefusedError where it refuses the ledger
	Since   time.Time // for how long that has been so

	size  int64     // that it has seen, as it said
	asked time.Time // when it was last asked in vain
}

// RefusedError says that a witness doesn't cosign the ledger any more: what it was shown
// doesn't go on from what it saw before.
type RefusedError struct {
	Size int64 // how many events it has seen
	Why  string
}

// Error says why, as words about the witness.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("has seen %d events, and %s", e.Size, e.Why)
}

// errAhead says that a witness has seen a later checkpoint of the same ledger.
var errAhead = errors.New("it has seen a later checkpoint")

// NewCollector makes one for a policy; time is time.Now if now is nil, and nothing is
// logged if log is.
func NewCollector(witnesses *ledger.Witnesses, now func() time.Time, log *slog.Logger) *Collector {
	c := &Collector{witnesses: witnesses, now: now, log: log}
	if now == nil {
		c.now = time.Now
	}
	if log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	// A witness is asked at the address of the policy, and nowhere else.
	c.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, w := range witnesses.List() {
		c.states = append(c.states, State{Witness: w.Name})
	}
	return c
}

const (
	// answerWithin is how long a witness may take: somebody may be waiting for an export.
	answerWithin = 4 * time.Second
	// askAgainAfter is how long one is left alone that didn't answer.
	askAgainAfter = time.Minute
	// mostAnswer is how long an answer may be, in bytes.
	mostAnswer = 16 << 10
)

// Cosign returns a signed checkpoint with the cosignatures that its witnesses give now,
// beside those that it has. All are asked at the same time, and none for long.
func (c *Collector) Cosign(ctx context.Context, signed []byte, prove ledger.Prover) []byte {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerWithin)
	defer cancel()
	list := c.witnesses.List()
	has := c.witnesses.Of(signed)
	answers := make([][]byte, len(list))
	var asking sync.WaitGroup
	for i, w := range list {
		if w.URL != "" && c.due(i) && !slices.ContainsFunc(has, func(o ledger.Cosignature) bool { return o.Witness == w.Name }) {
			asking.Go(func() {
				var err error
				if answers[i], err = safely.Answer(func() ([]byte, error) { return c.ask(ctx, i, w, signed, prove), nil }); err != nil {
					c.log.ErrorContext(ctx, "a witness could not be asked", "witness", w.Name, "error", err)
				}
			})
		}
	}
	asking.Wait()
	for i, lines := range answers {
		if lines != nil {
			signed, _ = c.witnesses.Add(signed, lines, list[i])
		}
	}
	return signed
}

// States says how it stands with each witness that is asked.
func (c *Collector) States() []State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.states)
}

func (c *Collector) due(i int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().Sub(c.states[i].asked) >= askAgainAfter
}

// ask asks one witness, and notes how it stands with it. It gives the lines of a good
// cosignature.
func (c *Collector) ask(ctx context.Context, i int, w ledger.Witness, signed []byte, prove ledger.Prover) []byte {
	c.mu.Lock()
	before := c.states[i]
	c.mu.Unlock()
	lines, size, err := c.exchange(ctx, w, signed, before.size, prove)
	if err == nil {
		err = c.good(signed, lines, w)
	}
	now := State{Witness: w.Name, size: size}
	switch {
	case errors.Is(err, errAhead): // it has cosigned what another process signed meanwhile
		now.Err, now.Since, lines = before.Err, before.Since, nil
	case err != nil:
		now.Err, now.Since, now.asked, lines = err, before.Since, c.now(), nil
		if before.Err == nil {
			now.Since = c.now()
		}
		c.log.ErrorContext(ctx, "a witness has not cosigned the checkpoint", "witness", w.Name, "error", err)
	case before.Err != nil:
		c.log.InfoContext(ctx, "the witness cosigns again", "witness", w.Name)
	}
	c.mu.Lock()
	c.states[i] = now
	c.mu.Unlock()
	return lines
}

// good says why an answer is not the cosignature that a witness gives now. One of another
// time is that of a wrong clock, or somebody on the way has kept it: who verifies the ledger
// would doubt it.
func (c *Collector) good(signed, lines []byte, w ledger.Witness) error {
	with, added := c.witnesses.Add(signed, lines, w)
	if !added {
		return errors.New("what it answered is not its cosignature")
	}
	given := c.witnesses.Of(with)
	if at := given[len(given)-1].At; c.now().Sub(at).Abs() > ledger.SignedWithin {
		return fmt.Errorf("it says that it is %s: its clock is wrong, or this one’s, or somebody on the way answers for it", at.Format(time.RFC3339))
	}
	return nil
}

// exchange sends a checkpoint with the proof that it goes on from what the witness has
// seen. Where this process doesn't know what that is, the witness says so.
func (c *Collector) exchange(ctx context.Context, w ledger.Witness, signed []byte, seen int64, prove ledger.Prover) (lines []byte, size int64, err error) {
	offered, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		return nil, seen, err
	}
	for range 3 { // others may have it cosign something meanwhile
		proof, err := prove(ctx, seen)
		switch {
		case errors.Is(err, ledger.ErrNotContinued):
			return nil, seen, &RefusedError{seen, "the ledger has fewer events"}
		case err != nil:
			return nil, seen, err
		case seen > offered.Size:
			return nil, seen, errAhead
		}
		var request strings.Builder
		fmt.Fprintf(&request, "old %d\n", seen)
		for _, hash := range proof {
			fmt.Fprintf(&request, "%s\n", hash)
		}
		status, answer, err := c.post(ctx, w, request.String()+"\n"+string(signed))
		if err != nil {
			return nil, seen, err
		}
		switch status {
		case http.StatusOK:
			return answer, offered.Size, nil
		case http.StatusUnprocessableEntity:
			return nil, seen, &RefusedError{seen, "the events up to there are not those that it saw"}
		case http.StatusNotFound:
			return nil, seen, errors.New("it doesn't follow this ledger: give it the ledger's public key")
		case http.StatusForbidden:
			return nil, seen, errors.New("it doesn't know the key that signs this ledger: give it the new public key")
		case http.StatusConflict:
			now, err := strconv.ParseInt(string(bytes.TrimSpace(answer)), 10, 64)
			if err != nil || now < 0 {
				return nil, seen, errors.New("it doesn't say what it has seen")
			}
			if now == seen && now == offered.Size {
				return nil, seen, &RefusedError{seen, "it saw another ledger of as many events"}
			}
			seen = now
		default:
			return nil, seen, fmt.Errorf("it answered %d", status)
		}
	}
	return nil, seen, errors.New("it says each time that it has seen something else")
}

// post sends a request. The error doesn't have the address, which may hold a secret.
func (c *Collector) post(ctx context.Context, w ledger.Witness, body string) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(w.URL, "/")+"/add-checkpoint", strings.NewReader(body))
	if err != nil {
		return 0, nil, errors.New("its address can't be asked")
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	response, err := c.client.Do(request)
	if err != nil {
		return 0, nil, errors.New("it doesn't answer")
	}
	defer func() { _ = response.Body.Close() }()
	answer, err = io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return 0, nil, errors.New("its answer breaks off")
	}
	return response.StatusCode, answer, nil
}
