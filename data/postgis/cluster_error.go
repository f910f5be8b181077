package postgis

import "fmt"

// ClusterFault says what kind of trouble a ClusterError reports; callers switch on it, people read the text.
type ClusterFault string

// The faults of a private cluster.
const (
	// FaultMissing: PostgreSQL or PostGIS isn't installed; the error's Command installs it.
	FaultMissing ClusterFault = "missing"
	// FaultVersion: the data folder was made by a PostgreSQL of another major version than those installed.
	FaultVersion ClusterFault = "version"
	// FaultHome: the data folder can't be used (owner, mode, path, kind of system).
	FaultHome ClusterFault = "home"
	// FaultServer: the server was found but initdb, start or stop failed.
	FaultServer ClusterFault = "server"
	// FaultInUse: other muscope processes hold the cluster.
	FaultInUse ClusterFault = "in_use"
)

// ClusterError is a fault of the private cluster in the words of its user: what, where and what to do, in
// English (Error) and in either language (Text).
type ClusterError struct {
	// Fault is the kind of trouble.
	Fault ClusterFault
	// Command is the one command that puts it right, empty where there is none.
	Command string

	en, zh string
	cause  error
}

// Error gives the English text.
func (e *ClusterError) Error() string { return e.Text("en") }

// Text gives the message in lang, "zh" or anything else for English.
func (e *ClusterError) Text(lang string) string {
	text := e.en
	if lang == "zh" {
		text = e.zh
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap gives the error underneath, nil where there is none.
func (e *ClusterError) Unwrap() error { return e.cause }

// faultf builds a ClusterError whose two texts take the same arguments.
func faultf(fault ClusterFault, cause error, en, zh string, args ...any) *ClusterError {
	return &ClusterError{Fault: fault, en: fmt.Sprintf(en, args...), zh: fmt.Sprintf(zh, args...), cause: cause}
}
