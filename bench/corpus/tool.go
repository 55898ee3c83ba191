package corpus

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Tools are the programs that write what the standard library cannot, and the
// Debian packages that have them.
var Tools = map[string]string{"bzip2": "bzip2", "xz": "xz-utils", "zstd": "zstd", "lz4": "lz4", "7z": "p7zip-full"}

// tool runs a program on a file. IN is the file, OUT what the program makes;
// without OUT it writes to standard output. If the program is missing the
// class says so, and its cards count as not found.
func (m *maker) tool(inner string, data []byte, command ...string) []byte {
	out, err := runTool(inner, data, command)
	if err != nil {
		m.missing = err.Error()
	}
	return out
}

func runTool(inner string, data []byte, command []string) ([]byte, error) {
	program, err := exec.LookPath(command[0])
	if err != nil {
		return nil, fmt.Errorf("%s is not installed (package %s)", command[0], Tools[command[0]])
	}
	dir, err := os.MkdirTemp("", "corpus-")
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", command[0], err)
	}
	defer os.RemoveAll(dir)
	in, made := filepath.Join(dir, inner), filepath.Join(dir, "made")
	if err := os.WriteFile(in, data, 0o600); err != nil {
		return nil, fmt.Errorf("run %s: %w", command[0], err)
	}
	if err := os.Chtimes(in, packedAt, packedAt); err != nil {
		return nil, fmt.Errorf("run %s: %w", command[0], err)
	}
	args, toFile := arguments(command[1:], inner, made)
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", command[0], err)
	}
	if toFile {
		return os.ReadFile(onlyFile(dir, inner))
	}
	return out, nil
}

func arguments(template []string, in, out string) (args []string, toFile bool) {
	for _, a := range template {
		switch a {
		case "IN":
			a = in
		case "OUT":
			a, toFile = out, true
		}
		args = append(args, a)
	}
	return args, toFile
}

// onlyFile finds what the program made: some put an ending to the name.
func onlyFile(dir, besides string) string {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if e.Name() != besides {
			return filepath.Join(dir, e.Name())
		}
	}
	return dir
}
