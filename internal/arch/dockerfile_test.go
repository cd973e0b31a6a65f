package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instruction is one of a Dockerfile's, its continued lines joined.
type instruction struct {
	name string
	args string
}

func instructions(text string) []instruction {
	var all []instruction
	text = regexp.MustCompile(`(?m)^\s*#.*\n`).ReplaceAllString(text, "")
	text = strings.ReplaceAll(text, "\\\n", " ")
	for line := range strings.Lines(text) {
		if name, args, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			all = append(all, instruction{strings.ToUpper(name), strings.TrimSpace(args)})
		}
	}
	return all
}

// lintDockerfile gives what is wrong with a Dockerfile, in the terms of the rules
// that Foyer's own is held to.
func lintDockerfile(text string) []string {
	var wrong []string
	final := map[string]string{} // the last stage's instructions
	for _, in := range instructions(text) {
		switch in.name {
		case "FROM":
			final = map[string]string{}
			image := strings.Fields(in.args)[0]
			if image != "scratch" && !regexp.MustCompile(`:\d+\.\d+\.\d+`).MatchString(image) {
				wrong = append(wrong, "the image "+image+" is not pinned to an exact version")
			}
		case "ADD":
			wrong = append(wrong, "ADD fetches and unpacks: use COPY")
		case "RUN":
			if regexp.MustCompile(`\bsudo\b|\bcurl\b|\bwget\b`).MatchString(in.args) {
				wrong = append(wrong, "RUN reaches for what the module proxy doesn't check: "+in.args)
			}
		case "ARG", "ENV":
			if regexp.MustCompile(`(?i)SECRET|TOKEN|PASSWORD`).MatchString(in.args) {
				wrong = append(wrong, "a secret would stay in the image: "+in.args)
			}
		}
		final[in.name] = in.args
	}

	user, _, _ := strings.Cut(final["USER"], ":")
	if !regexp.MustCompile(`^[1-9]\d*$`).MatchString(user) {
		wrong = append(wrong, "the image must run as a numbered user that isn't root")
	}
	for _, name := range []string{"HEALTHCHECK", "ENTRYPOINT"} {
		if args := final[name]; !strings.Contains(args, "[") {
			wrong = append(wrong, name+" is missing, or needs a shell that the image doesn't have")
		}
	}
	return wrong
}

func TestTheDockerfileIsSound(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lintDockerfile(string(text)) {
		t.Error(line)
	}
	mod, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(mod))[1]
	if !strings.Contains(string(text), "FROM golang:"+want+".") {
		t.Errorf("the Dockerfile doesn't build with Go %s, which go.mod asks for", want)
	}
}

func TestLintDockerfileFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	const sound = "FROM golang:1.26.8 AS build\nRUN go build \\\n -o /x .\nFROM scratch\nCOPY --from=build /x /x\nUSER 65532\nHEALTHCHECK CMD [\"/x\"]\nENTRYPOINT [\"/x\"]\n"

	tests := []struct {
		name     string
		old, new string
		want     string
	}{
		{name: "sound"},
		{"not pinned", "golang:1.26.8", "golang:latest", "pinned"},
		{"add", "COPY", "ADD", "COPY"},
		{"fetched", "go build", "curl", "module proxy"},
		{"root by name", "USER 65532", "USER root", "numbered user"},
		{"root by number", "USER 65532", "USER 0", "numbered user"},
		{"user of the build alone", "FROM scratch\nCOPY --from=build /x /x\nUSER 65532", "USER 65532\nFROM scratch\nCOPY --from=build /x /x", "numbered user"},
		{"no user", "USER 65532\n", "", "numbered user"},
		{"no health check", "HEALTHCHECK CMD [\"/x\"]\n", "", "HEALTHCHECK"},
		{"shell", `ENTRYPOINT ["/x"]`, "ENTRYPOINT /x", "ENTRYPOINT"},
		{"secret", "USER", "ENV FOYER_SYMPHONY_CLIENT_SECRET=x\nUSER", "secret"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := lintDockerfile(strings.Replace(sound, test.old, test.new, 1))
			found := slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, test.want) })
			if test.want == "" && len(got) > 0 || test.want != "" && !found {
				t.Errorf("lintDockerfile(…) = %q, want a line with %q", got, test.want)
			}
		})
	}
}
