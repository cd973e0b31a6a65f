package notices

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
)

// mailWithin bounds the sending of one mail.
const mailWithin = 30 * time.Second

// mailer sends mails through one server.
type mailer struct {
	client *mail.Client
	from   string
}

// newMailer reads where mails go. Its errors repeat nothing of the address: it may have a
// password.
func newMailer(o Options) (*mailer, error) {
	u, err := url.Parse(o.SMTP)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("FOYER_SMTP_URL: must be smtp://user:password@host:587 or smtps://host:465")
	}
	if _, err := mailAddress(o.From); err != nil {
		return nil, errors.New("FOYER_SMTP_FROM: must be an e-mail address")
	}
	options := []mail.Option{mail.WithTimeout(mailWithin), mail.WithoutNoop()}
	switch {
	case u.Scheme == "smtps":
		options = append(options, mail.WithSSLPort(false))
	case loopback(u.Hostname()): // nobody is on the way
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if port, err := strconv.Atoi(u.Port()); err == nil {
		options = append(options, mail.WithPort(port))
	}
	if password, has := u.User.Password(); has {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	client, err := mail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, errors.New("FOYER_SMTP_URL: can't be used")
	}
	return &mailer{client, o.From}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// mailAddress says whether a text is an address that mail can be from or to.
func mailAddress(text string) (string, error) {
	return text, mail.NewMsg().To(text)
}

func (m *mailer) send(ctx context.Context, n Notice) error {
	message := mail.NewMsg()
	if err := errors.Join(message.From(m.from), message.To(n.To)); err != nil {
		return errors.New("send mail: the address of the sender or of the person can't be one")
	}
	message.Subject(n.Subject)
	message.SetDateWithValue(n.At)
	message.SetMessageIDWithValue(n.ID + "@foyer")
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(mail.TypeTextPlain, n.Text)
	ctx, cancel := context.WithTimeout(ctx, mailWithin)
	defer cancel()
	if err := m.client.DialAndSendWithContext(ctx, message); err != nil {
		return fmt.Errorf("send mail: %w", without(err))
	}
	return nil
}

// without is what went wrong without what the server said of whom: addresses stand in its
// answers.
func without(err error) error {
	if refused, ok := errors.AsType[*mail.SendError](err); ok {
		return fmt.Errorf("the server refused it: %s", refused.Reason)
	}
	if network, ok := errors.AsType[net.Error](err); ok {
		return fmt.Errorf("the server can't be reached: %w", network)
	}
	return errors.New("the server can't be used")
}
