#include "catalog/moved_port.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

#include "catalog/resolution/request_item.h"

namespace orrery::catalog {
namespace {

bool HasNumber(absl::string_view text, int number) {
  const std::string digits = absl::StrCat(number);
  const auto is_digit = [text](size_t place) {
    return place < text.size() &&
           absl::ascii_isdigit(static_cast<unsigned char>(text[place]));
  };
  for (size_t at = text.find(digits); at != absl::string_view::npos;
       at = text.find(digits, at + 1)) {
    if (!is_digit(at + digits.size()) && (at == 0 || !is_digit(at - 1))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<std::string> MovedPortTexts(
    const ServiceRecord& provider, const std::vector<AppEndpoint>& endpoints,
    const std::vector<StoredServicePtr>& services) {
  const std::string node = NodeText(provider.package, provider.name);
  std::vector<std::string> texts;
  for (const AppEndpoint& endpoint : endpoints) {
    for (const int former : endpoint.former_ports) {
      std::vector<std::string> holders;
      for (const StoredServicePtr& service : services) {
        const ServiceRecord& record = service->record;
        if (record.cluster == provider.cluster && Uses(record.bindings, node) &&
            HasNumber(record.computed, former)) {
          holders.push_back(record.name);
        }
      }
      if (holders.empty()) continue;
      texts.push_back(absl::StrCat(
          endpoint.name, " had to move from port ", former, " to ",
          endpoint.port, ", and these services still have the old one: ",
          absl::StrJoin(holders, ", ")));
    }
  }
  return texts;
}

}  // namespace orrery::catalog
