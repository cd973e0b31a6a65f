// Package safely owns how functions are called beside each other and in goroutines of
// their own: a panic in one becomes an error, where it would end the process. It knows
// nothing of Foyer.
package safely

import (
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"
)

// PanicError is a panic on its way to the log: what the code panicked with, and where.
type PanicError struct {
	Cause any
	Stack []byte
}

// Error says with what the code panicked.
func (p *PanicError) Error() string { return fmt.Sprintf("panic: %v", p.Cause) }

// Do calls do, and gives a panic in it as a PanicError: in a goroutine of its own it
// would end the process.
func Do(do func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &PanicError{Cause: cause, Stack: debug.Stack()}
		}
	}()
	return do()
}

// Answer is Do for what gives something.
func Answer[T any](do func() (T, error)) (answer T, err error) {
	err = Do(func() (err error) {
		answer, err = do()
		return err
	})
	return answer, err
}

// InFlight is a function as a singleflight.Group calls it: safely.
func InFlight[T any](do func() (T, error)) func() (any, error) {
	return func() (any, error) { return Answer(do) }
}

// Together calls functions side by side, safely, and gives the first error when all have
// ended.
func Together(all ...func() error) error {
	var g errgroup.Group
	for _, do := range all {
		g.Go(func() error { return Do(do) })
	}
	return g.Wait()
}
