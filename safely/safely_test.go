package safely

import (
	"errors"
	"strings"
	"testing"
)

// A page that panics is an error like any other, also where it waits for several things.
func TestAPanicBesideOthersIsAnError(t *testing.T) {
	t.Parallel()
	done := false
	err := Together(func() error { panic("no such luck") }, func() error { done = true; return nil })
	panicked, ok := errors.AsType[*PanicError](err)
	if !ok || panicked.Error() != "panic: no such luck" || !strings.Contains(string(panicked.Stack), "TestAPanicBesideOthersIsAnError") {
		t.Errorf("Together = %v", err)
	}
	if !done {
		t.Error("the other one was not called")
	}
	if err := Together(func() error { return nil }); err != nil {
		t.Errorf("Together = %v", err)
	}
}
