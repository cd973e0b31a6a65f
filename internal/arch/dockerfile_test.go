package arch

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// stage is one of a Dockerfile's, with what it takes over from the stage that it
// begins from.
type stage struct {
	name, from string
	inherited  []instruction
	own        []instruction
}

// all are the stage's instructions in the order in which they hold.
func (s stage) all() []instruction { return slices.Concat(s.inherited, s.own) }

// last gives the last instruction of a kind, which is the one that holds.
func (s stage) last(name string) (args string) {
	for _, in := range s.all() {
		if in.name == name {
			args = in.args
		}
	}
	return args
}

// stages reads a Dockerfile, and finds its images: the stages that no other
// begins from or copies from.
func stages(text string) (all, images []stage) {
	used := map[string]bool{}
	for _, in := range instructions(text) {
		if in.name == "FROM" {
			words := strings.Fields(in.args)
			s := stage{from: words[0]}
			if len(words) == 3 {
				s.name = words[2]
			}
			for _, earlier := range all {
				if earlier.name == s.from {
					s.inherited = earlier.all()
					used[s.from] = true
				}
			}
			all = append(all, s)
			continue
		}
		if from := regexp.MustCompile(`--from=(\S+)`).FindStringSubmatch(in.args); in.name == "COPY" && from != nil {
			used[from[1]] = true
		}
		if len(all) > 0 {
			s := &all[len(all)-1]
			s.own = append(s.own, in)
		}
	}
	for _, s := range all {
		if !used[s.name] {
			images = append(images, s)
		}
	}
	return all, images
}

// lintDockerfile gives what is wrong with a Dockerfile, in the terms of the rules
// that Foyer's own is held to.
func lintDockerfile(text string) []string {
	var wrong []string
	all, images := stages(text)
	known := map[string]bool{"scratch": true}
	for _, s := range all {
		if !known[s.from] && !regexp.MustCompile(`:\d+\.\d+\.\d+`).MatchString(s.from) {
			wrong = append(wrong, "the image "+s.from+" is not pinned to an exact version")
		}
		known[s.name] = true
		for _, in := range s.own {
			switch in.name {
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
		}
	}

	for _, s := range images {
		user, _, _ := strings.Cut(s.last("USER"), ":")
		if !regexp.MustCompile(`^[1-9]\d*$`).MatchString(user) {
			wrong = append(wrong, "the image "+s.name+" must run as a numbered user that isn't root")
		}
		for _, name := range []string{"HEALTHCHECK", "ENTRYPOINT"} {
			if !strings.Contains(s.last(name), "[") {
				wrong = append(wrong, name+" is missing in the image "+s.name+", or needs a shell that it doesn't have")
			}
		}
	}
	return wrong
}

func dockerfile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheDockerfileIsSound(t *testing.T) {
	t.Parallel()
	text := dockerfile(t)
	for _, line := range lintDockerfile(text) {
		t.Error(line)
	}
	mod, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(mod))[1]
	if !strings.Contains(text, "FROM golang:"+want+".") {
		t.Errorf("the Dockerfile doesn't build with Go %s, which go.mod asks for", want)
	}
}

func TestOnlyTheDemonstrationsImageHasTheStandIn(t *testing.T) {
	t.Parallel()
	all, images := stages(dockerfile(t))
	if last := all[len(all)-1].name; last != "foyer" {
		t.Errorf("docker build makes the image %s when no target is named, want foyer", last)
	}
	has := map[string]bool{}
	for _, image := range images {
		program := regexp.MustCompile(`^--from=(\S+) /out/foyer /foyer$`).FindStringSubmatch(image.last("COPY"))
		if program == nil {
			t.Fatalf("the image %s copies %q last, want its program", image.name, image.last("COPY"))
		}
		for _, s := range all {
			if s.name == program[1] {
				has[image.name] = !strings.Contains(s.last("RUN"), " -tags nosandbox ")
			}
		}
	}
	if diff := cmp.Diff(map[string]bool{"foyer": false, "demo": true}, has); diff != "" {
		t.Errorf("images that have the stand-in (-want +got):\n%s", diff)
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
		{"inherited", "FROM scratch\nCOPY --from=build /x /x\nUSER 65532\n", "FROM scratch AS base\nUSER 65532\nFROM base\nCOPY --from=build /x /x\n", ""},
		{"user of another image", "FROM scratch\n", "FROM scratch AS other\nHEALTHCHECK CMD [\"/x\"]\nENTRYPOINT [\"/x\"]\nFROM scratch\n", "image other must run as a numbered user"},
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
