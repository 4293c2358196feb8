#ifndef CATALOG_RESOLUTION_LATE_OPTION_H_
#define CATALOG_RESOLUTION_LATE_OPTION_H_

#include <cstdint>
#include <string>
#include <vector>

namespace orrery::catalog {

// A piece of a text: itself, or where a port of a service is.
struct LatePiece {
  enum class Kind : uint8_t { kText, kAddress, kEndpoints };
  Kind kind = Kind::kText;
  // The text, or the name of the port.
  std::string text;
  // Of an address `host`, `port`, or empty for both.
  std::string part;
  // Between several endpoints.
  std::string join;
  // Name of the service that has the port.
  std::string service;
};

// An option whose value is known only when another service runs.
struct LateOption {
  // JSON pointer.
  std::string option;
  // Stands for the value in the manifest: a text, or the digits of a number. Of
  // a list it stands for some elements.
  std::string placeholder;
  // Name of the other service, and of its output.
  std::string provider;
  std::string output;
  // It may pass on what it is told itself, so ports may be those of others.
  std::vector<LatePiece> pieces;
  bool is_list = false;
  // Between the elements of a list in a text.
  std::string join;
  // What the schema says of the option, as JSON text; empty when nothing that
  // has to be looked at again.
  std::string schema;
};

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_LATE_OPTION_H_
