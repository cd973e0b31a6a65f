package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// constant are the calls whose results a package may keep in a variable: they
// make values that nobody changes.
var constant = []string{
	"errors.New", "fmt.Errorf", // sentinel errors
	"regexp.MustCompile",
	"strings.NewReplacer",
	"template.Must",
	"sync.OnceValue", "sync.OnceValues", // computed once, at first use
	"base32.StdEncoding.WithPadding", "base64.RawURLEncoding.Strict",
}

// source parses the files of a package that people wrote.
func source(t *testing.T, p pkg) (*token.FileSet, []*ast.File) {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatalf("parse %s: %v", name, err)
		}
		if !ast.IsGenerated(file) {
			files = append(files, file)
		}
	}
	return set, files
}

// TestPackagesKeepNoState allows in the variables of a package what is made once
// and never changed: embedded files, errors, patterns, tables. State lives in
// values that command makes and hands over.
func TestPackagesKeepNoState(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		set, files := source(t, p)
		for _, file := range files {
			for _, decl := range file.Decls {
				group, ok := decl.(*ast.GenDecl)
				if !ok || group.Tok != token.VAR {
					continue
				}
				for _, spec := range group.Specs {
					value := spec.(*ast.ValueSpec)
					if !keepsNoState(value, embedded(group, value)) {
						t.Errorf("%s: the package keeps state in %s", set.Position(value.Pos()), value.Names[0].Name)
					}
				}
				for _, place := range assigned(files, group) {
					t.Errorf("%s: a variable of the package is assigned to", set.Position(place))
				}
			}
		}
	}
}

// embedded tells whether go:embed fills the variable.
func embedded(group *ast.GenDecl, value *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{group.Doc, value.Doc} {
		if doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed") }) {
			return true
		}
	}
	return false
}

// linked are the variables that the linker sets when a release is built.
var linked = []string{"version"}

func keepsNoState(value *ast.ValueSpec, embedded bool) bool {
	name := value.Names[0].Name
	switch {
	case embedded, name == "_", slices.Contains(linked, name):
		return true
	case len(value.Values) == 0:
		return false
	}
	return !slices.ContainsFunc(value.Values, func(v ast.Expr) bool { return !isConstant(v) })
}

// isConstant tells whether the expression makes something that is not state: a
// literal, a table of literals, or what one of the known calls gives.
func isConstant(expr ast.Expr) bool {
	switch e := expr.(type) {
	case *ast.BasicLit, *ast.CompositeLit, *ast.Ident, *ast.SelectorExpr, *ast.FuncLit, *ast.BinaryExpr:
		return true
	case *ast.UnaryExpr:
		_, pointer := e.X.(*ast.CompositeLit)
		return !pointer
	case *ast.CallExpr:
		if _, conversion := e.Fun.(*ast.ArrayType); conversion {
			return true
		}
		return slices.Contains(constant, callee(e.Fun))
	}
	return false
}

// callee writes the function called as it stands in the source: "errors.New".
func callee(fun ast.Expr) string {
	switch f := fun.(type) {
	case *ast.SelectorExpr:
		return callee(f.X) + "." + f.Sel.Name
	case *ast.IndexExpr:
		return callee(f.X)
	case *ast.Ident:
		return f.Name
	}
	return ""
}

// assigned gives the places where a function assigns to one of the variables
// that the group declares, or to an element of one.
func assigned(files []*ast.File, group *ast.GenDecl) []token.Pos {
	declared := map[string]any{}
	for _, spec := range group.Specs {
		for _, name := range spec.(*ast.ValueSpec).Names {
			declared[name.Name] = spec
		}
	}
	var places []token.Pos
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			assign, ok := n.(*ast.AssignStmt)
			if !ok || assign.Tok == token.DEFINE {
				return true
			}
			for _, left := range assign.Lhs {
				if index, ok := left.(*ast.IndexExpr); ok {
					left = index.X
				}
				if name, ok := left.(*ast.Ident); ok && refersTo(name, declared[name.Name]) {
					places = append(places, assign.Pos())
				}
			}
			return true
		})
	}
	return places
}

// refersTo tells whether the name is that of the package's variable declared by
// spec, and not of a local one. The parser resolves names within a file and
// leaves those of other files open.
func refersTo(name *ast.Ident, spec any) bool {
	if spec == nil || name.Name == "_" {
		return false
	}
	return name.Obj == nil || name.Obj.Decl == spec
}

func TestPagesDoNotKnowTheClock(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.ImportPath, "foyer/views") {
			continue
		}
		set, files := source(t, p)
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && slices.Contains([]string{"time.Now", "time.Since", "time.Until"}, callee(call.Fun)) {
					t.Errorf("%s: a page is given the time, it doesn't read it", set.Position(call.Pos()))
				}
				return true
			})
		}
	}
}

func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		_, files := source(t, p)
		var said strings.Builder
		for _, file := range files {
			if file.Doc != nil {
				said.WriteString(file.Doc.Text())
			}
		}
		if lines := strings.Count(said.String(), "\n"); lines < 3 {
			t.Errorf("%s has a package comment of %d lines, want what it owns, what it must not do, and who imports it", p.ImportPath, lines)
		}
	}
}

func TestStateIsFound(t *testing.T) {
	t.Parallel()

	tests := []struct {
		name, code string
		state      bool
		assigned   bool
	}{
		{name: "sentinel error", code: `var errGone = errors.New("gone")`},
		{name: "table", code: `var words = map[string]string{"a": "b"}`},
		{name: "embedded file", code: "//go:embed x.css\nvar css []byte"},
		{name: "conformity", code: `var _ fmt.Stringer = (*thing)(nil)`},
		{name: "local of the same name", code: "var words = []string{}\nfunc f() { words := 1; words = 2; _ = words }"},
		{name: "counter", code: `var count int`, state: true},
		{name: "lock", code: `var mu sync.Mutex`, state: true},
		{name: "client", code: `var client = &http.Client{}`, state: true},
		{name: "made map", code: `var cache = make(map[string]string)`, state: true},
		{name: "table assigned to", code: "var words = map[string]string{}\nfunc f() { words[`a`] = `b` }", assigned: true},
		{name: "variable assigned to", code: "var limit = 5\nfunc f() { limit = 6 }", assigned: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+test.code, parser.ParseComments)
			if err != nil {
				t.Fatalf("parse: %v", err)
			}
			group := file.Decls[0].(*ast.GenDecl)
			value := group.Specs[0].(*ast.ValueSpec)
			if got := !keepsNoState(value, embedded(group, value)); got != test.state {
				t.Errorf("keeps state = %v, want %v", got, test.state)
			}
			if got := len(assigned([]*ast.File{file}, group)) > 0; got != test.assigned {
				t.Errorf("assigned to = %v, want %v", got, test.assigned)
			}
		})
	}
}
