package notices

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Options are where notices go. All may be empty: then nobody hears anything.
type Options struct {
	SMTP string // smtp://user:password@host:587, with STARTTLS, or smtps://host:465
	From string // the address of the sender, required with SMTP

	Hook   string // where web hooks are posted
	Secret string // signs them: whsec_ and base64, or any text; required with Hook

	UserAgent string
	Now       func() time.Time // nil: time.Now
}

// Notice is what somebody is to hear.
type Notice struct {
	ID      string // the same however often it is sent
	To      string // an e-mail address; empty: no mail is sent
	Subject string
	Text    string // of the mail, in lines

	Type string          // of the web hook's event
	Data json.RawMessage // of the event
	At   time.Time       // when it happened
}

// Sender sends notices. It is safe for concurrent use.
type Sender struct {
	mail *mailer // nil: no mails
	hook *hook   // nil: no web hooks
}

// New checks the options and gives a sender. It connects to nobody.
func New(o Options) (*Sender, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := new(Sender)
	var mailErr, hookErr error
	if o.SMTP != "" {
		s.mail, mailErr = newMailer(o)
	}
	if o.Hook != "" {
		s.hook, hookErr = newHook(o)
	}
	if err := errors.Join(mailErr, hookErr); err != nil {
		return nil, err
	}
	return s, nil
}

// Any says whether anybody can hear anything.
func (s *Sender) Any() bool { return s.mail != nil || s.hook != nil }

// Send sends a notice everywhere. After an error it may have got to one place and not to
// the other: it is sent again everywhere then, with the same ID.
func (s *Sender) Send(ctx context.Context, n Notice) error {
	var mailErr, hookErr error
	if s.mail != nil && n.To != "" {
		mailErr = s.mail.send(ctx, n)
	}
	if s.hook != nil {
		hookErr = s.hook.send(ctx, n)
	}
	return errors.Join(mailErr, hookErr)
}
