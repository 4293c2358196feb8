#include "server/http/http_fields.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"

namespace orrery::server {
namespace {

constexpr absl::string_view kColon = ": ";
constexpr absl::string_view kLineEnd = "\r\n";

bool IsLineEnd(char letter) {
  return letter == '\r' || letter == '\n' || letter == '\0';
}

// Nearly all texts are, and looking for one letter is fast.
bool IsOneLine(absl::string_view text) {
  return !absl::StrContains(text, '\r') && !absl::StrContains(text, '\n') &&
         !absl::StrContains(text, '\0');
}

void AppendLine(absl::string_view text, std::string* out) {
  if (IsOneLine(text)) {
    out->append(text.data(), text.size());
    return;
  }
  std::copy_if(text.begin(), text.end(), std::back_inserter(*out),
               [](char letter) { return !IsLineEnd(letter); });
}

}  // namespace

void HttpFields::Add(absl::string_view name, absl::string_view value) {
  Place place;
  place.begin = static_cast<uint32_t>(text_.size());
  AppendLine(name, &text_);
  place.name_end = static_cast<uint32_t>(text_.size());
  text_.append(kColon.data(), kColon.size());
  AppendLine(value, &text_);
  place.value_end = static_cast<uint32_t>(text_.size());
  text_.append(kLineEnd.data(), kLineEnd.size());
  places_.push_back(place);
}

void HttpFields::AddAll(const HttpFields& others) {
  const auto base = static_cast<uint32_t>(text_.size());
  text_ += others.text_;
  for (const Place& place : others.places_) {
    places_.push_back(
        {base + place.begin, base + place.name_end, base + place.value_end});
  }
}

void HttpFields::Set(absl::string_view name, absl::string_view value) {
  HttpFields fields;
  for (const HttpField& field : List()) {
    if (!absl::EqualsIgnoreCase(field.name, name)) {
      fields.Add(field.name, field.value);
    }
  }
  fields.Add(name, value);
  *this = std::move(fields);
}

std::optional<absl::string_view> HttpFields::Find(
    absl::string_view name) const {
  for (const Place& place : places_) {
    if (absl::EqualsIgnoreCase(NameOf(place), name)) return ValueOf(place);
  }
  return std::nullopt;
}

absl::string_view HttpFields::Get(absl::string_view name) const {
  return Find(name).value_or(absl::string_view());
}

size_t HttpFields::Count(absl::string_view name) const {
  return static_cast<size_t>(std::count_if(
      places_.begin(), places_.end(), [this, name](const Place& place) {
        return absl::EqualsIgnoreCase(NameOf(place), name);
      }));
}

std::vector<HttpField> HttpFields::List() const {
  std::vector<HttpField> fields;
  fields.reserve(places_.size());
  for (const Place& place : places_) {
    fields.push_back({NameOf(place), ValueOf(place)});
  }
  return fields;
}

void HttpFields::Reserve(size_t count, size_t bytes) {
  places_.reserve(count);
  text_.reserve(bytes);
}

absl::string_view HttpFields::NameOf(const Place& place) const {
  return {text_.data() + place.begin, place.name_end - place.begin};
}

absl::string_view HttpFields::ValueOf(const Place& place) const {
  const size_t begin = place.name_end + kColon.size();
  return {text_.data() + begin, place.value_end - begin};
}

}  // namespace orrery::server
