package change_test

import (
	"testing"

	"foyer/internal/testworld"
)

// world is Foyer's use cases over real parts, with what these tests do in it.
type world struct{ *testworld.World }

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{testworld.New(t)}
}
