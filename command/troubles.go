package command

import (
	"time"

	"foyer/handlers"
)

// troubles are what isn't as it should be though people can be served.
func (f *foyer) troubles() []handlers.Trouble {
	var all []handlers.Trouble
	if f.db.Damage() != nil {
		all = append(all, handlers.Trouble{Code: handlers.DatabaseDamaged})
	}
	if ahead := f.symphony.ClockAhead(); ahead != 0 {
		all = append(all, handlers.Trouble{Code: handlers.ClocksApart, Ahead: ahead})
	}
	return append(all, f.checkpoints.troubles()...)
}

// logClocks says once that Symphony's clock and ours differ, and once that they don't
// any more.
func (f *foyer) logClocks(ahead time.Duration) {
	if ahead == 0 {
		f.log.Info("Symphony's clock and this machine's agree again")
		return
	}
	f.log.Warn("Symphony's clock and this machine's differ", "symphony_ahead", ahead.Round(time.Second))
}
