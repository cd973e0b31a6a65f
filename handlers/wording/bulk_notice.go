package wording

import (
	"strings"

	"foyer/portal/bulk"
)

// BulkNoticeWords are the words of a mail about a bulk change.
type BulkNoticeWords struct{ Subject, Text string }

// BulkNotice says what whoever started a bulk change is to hear of it: how it ended, or why
// it needs them. It names nobody of the list.
func BulkNotice(c bulk.Change, environment, link string) BulkNoticeWords {
	what, text := "", []string{}
	switch c.Notice.Code {
	case bulk.NoticeDone:
		what = "is done: " + BulkTally(c.Sums)
	case bulk.NoticeStopped:
		what = "was stopped: " + BulkTally(c.Sums)
		if c.StoppedBy.Name != "" {
			text = append(text, "It was stopped by "+c.StoppedBy.Name+".")
		}
	case bulk.NoticePaused:
		what = "is paused, and needs you"
		title, more := BulkWait(c.Waits, c.Notice.At)
		text = append(text, strings.TrimSpace(title+" "+more), "So far: "+BulkTally(c.Sums)+".")
	case bulk.NoticeStale:
		what = "was not started, and needs you"
		if c.Trouble.Code != "" {
			title, more := BulkWait(c.Trouble, c.Notice.At)
			text = append(text, strings.TrimSpace(title+" "+more))
		} else {
			text = append(text, "Something has changed since it was planned. Nothing was sent: look at the rows that differ, and start it again.")
		}
	}
	name := BulkName(c.ID)
	text = append([]string{name + ", “" + BulkTitle(c) + "”, " + what + "."}, text...)
	text = append(text, link, "Foyer, "+strings.ToUpper(environment)+". You get this because you started it.")
	return BulkNoticeWords{Subject: "[" + strings.ToUpper(environment) + "] " + name + " " + what, Text: strings.Join(text, "\n\n") + "\n"}
}
