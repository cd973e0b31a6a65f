package review_test

import (
	"slices"
	"testing"
	"time"

	"foyer/auth"
	"foyer/internal/testworld"
	"foyer/sandbox"
	"foyer/sapi"
)

// BenchmarkAPersonWhileAReviewIsPrepared reads one person as a page does, five times a
// second: alone, and then while a review reads everybody's status as fast as the budget
// lets it. Symphony takes 20 ms, and the client has the limits that the program has.
// It tells both, and how they compare.
func BenchmarkAPersonWhileAReviewIsPrepared(b *testing.B) {
	w := &world{testworld.New(b)}
	company := w.crowded()
	someone := w.Someone(company.ID)
	w.Inject("getUser", sandbox.Rule{Kind: sandbox.KindLatency, Delay: 20 * time.Millisecond, Times: 1 << 20})
	w.Limit(sapi.Options{RatePerSecond: 20, Burst: 20, MaxConcurrent: 16})
	const pages = 100
	measure := func() (median, p95 time.Duration) {
		var times []time.Duration
		for tick := time.NewTicker(200 * time.Millisecond); len(times) < pages; <-tick.C {
			start := time.Now()
			if _, err := w.Directory.User(b.Context(), testworld.As(auth.Viewer), company.ID, someone.ID); err != nil {
				b.Fatal(err)
			}
			times = append(times, time.Since(start))
		}
		slices.Sort(times)
		return times[pages/2], times[pages*95/100]
	}
	for b.Loop() {
		median, p95 := measure()
		r := w.startReview(company)
		ended := make(chan error)
		go func() {
			for {
				if again, err := w.Reviews.Prepare(b.Context(), r.ID); err != nil || again == 0 {
					ended <- err
					return
				}
			}
		}()
		medianMeanwhile, p95Meanwhile := measure()
		select {
		case err := <-ended:
			b.Fatal("the review was prepared before the measurement was over:", err)
		default:
		}
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(median.Microseconds())/1000, "p50-alone-ms")
		b.ReportMetric(float64(p95.Microseconds())/1000, "p95-alone-ms")
		b.ReportMetric(float64(medianMeanwhile.Microseconds())/1000, "p50-meanwhile-ms")
		b.ReportMetric(float64(p95Meanwhile.Microseconds())/1000, "p95-meanwhile-ms")
		b.ReportMetric(float64(medianMeanwhile)/float64(median), "p50-ratio")
		b.ReportMetric(float64(p95Meanwhile)/float64(p95), "p95-ratio")
	}
}
