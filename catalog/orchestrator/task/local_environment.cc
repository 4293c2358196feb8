#include "catalog/orchestrator/task/local_environment.h"

#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace orrery::catalog {
namespace {

// Longer labels do not become variables (Marathon's limits).
constexpr size_t kLabelNameLimit = 493;
constexpr size_t kLabelValueLimit = 512;

class Variables {
 public:
  void Set(const std::string& name, std::string value) {
    const auto [place, added] = index_.try_emplace(name, list_.size());
    if (added) {
      list_.emplace_back(name, std::move(value));
    } else {
      list_[place->second].second = std::move(value);
    }
  }

  std::vector<std::string> Assignments() const {
    std::vector<std::string> assignments;
    for (const auto& [name, value] : list_) {
      assignments.push_back(absl::StrCat(name, "=", value));
    }
    return assignments;
  }

 private:
  NamedTexts list_;
  std::map<std::string, size_t> index_;
};

// As Marathon prints them: always with a decimal point.
std::string DoubleText(double value) {
  std::string text = absl::StrCat(value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void AddContext(const MarathonApp& app, const EnvironmentContext& context,
                Variables* variables) {
  variables->Set("MESOS_TASK_ID", context.task_id);
  variables->Set("MARATHON_APP_ID", app.id);
  variables->Set("MARATHON_APP_VERSION", context.app_version);
  if (app.HasImage()) {
    variables->Set("MARATHON_APP_DOCKER_IMAGE", app.container->docker->image);
  }
  variables->Set("MARATHON_APP_RESOURCE_CPUS", DoubleText(app.cpus));
  variables->Set("MARATHON_APP_RESOURCE_MEM", DoubleText(app.mem));
  variables->Set("MARATHON_APP_RESOURCE_DISK", DoubleText(app.disk));
  variables->Set("MARATHON_APP_RESOURCE_GPUS", absl::StrCat(app.gpus));
  std::vector<std::string> names;
  for (const auto& [label, value] : app.labels) {
    if (label.size() >= kLabelNameLimit || value.size() >= kLabelValueLimit) {
      continue;
    }
    const std::string name = LabelVariable(label);
    names.push_back(name);
    variables->Set(absl::StrCat("MARATHON_APP_LABEL_", name), value);
  }
  variables->Set("MARATHON_APP_LABELS", absl::StrJoin(names, " "));
}

void AddPorts(const MarathonApp& app, const EnvironmentContext& context,
              Variables* variables) {
  variables->Set("HOST", context.host);
  for (size_t i = 0; i < context.ports.size(); ++i) {
    const std::string port = absl::StrCat(context.ports[i]);
    variables->Set(absl::StrCat("PORT", i), port);
    if (i >= app.port_definitions.size()) continue;
    const AppPort& definition = app.port_definitions[i];
    variables->Set(
        absl::StrCat("PORT_",
                     definition.port == 0 ? context.ports[i] : definition.port),
        port);
    if (!definition.name.empty()) {
      variables->Set(
          absl::StrCat("PORT_", absl::AsciiStrToUpper(definition.name)), port);
    }
  }
  if (context.ports.empty()) return;
  variables->Set("PORT", absl::StrCat(context.ports[0]));
  variables->Set("PORTS", absl::StrJoin(context.ports, ","));
}

}  // namespace

std::string LabelVariable(absl::string_view label) {
  std::string name;
  bool replaced = false;
  for (const char c : label) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '_') {
      name += absl::ascii_toupper(byte);
      replaced = false;
    } else if (!replaced) {
      name += '_';
      replaced = true;
    }
  }
  return name;
}

std::vector<std::string> BuildEnvironment(const MarathonApp& app,
                                          const EnvironmentContext& context) {
  Variables variables;
  variables.Set("PATH", kInstancePath);
  variables.Set("HOME", context.sandbox);
  variables.Set("PWD", context.sandbox);
  variables.Set("USER", context.user);
  variables.Set("LANG", "C.UTF-8");
  variables.Set("MESOS_SANDBOX", context.sandbox);
  variables.Set("MESOS_DIRECTORY", context.sandbox);
  AddContext(app, context, &variables);
  AddPorts(app, context, &variables);
  for (const auto& [name, value] : app.env) variables.Set(name, value);
  return variables.Assignments();
}

}  // namespace orrery::catalog
