#include "xml/cpu.hpp"

#include <fmt/format.h>

#include "xml/document.hpp"
#include "xml/values.hpp"

namespace vmtool::xml {
namespace {

using model::CpuMode;

// The mode that is written for what the model says, absent where <cpu> names none.
std::optional<CpuMode> mode_of(const model::VirtualMachine& machine) {
  if (machine.cpu.mode) return machine.cpu.mode;
  if (machine.domain_type != model::DomainType::qemu) return CpuMode::host_model;
  // Under emulation libvirt takes features only beside a model: QEMU's default, which it would fill in anyway.
  if (!machine.cpu.features.empty()) return CpuMode::custom;
  return std::nullopt;
}

void write_mode(pugi::xml_node node, CpuMode mode, const std::string& model_name) {
  set(node, "mode", model::to_text(mode));
  switch (mode) {
    case CpuMode::custom:
      set(node, "match", "exact");
      set(append(node, "model", model_name.empty() ? "qemu64" : model_name), "fallback", "forbid");
      break;
    case CpuMode::host_model: set(node, "check", "partial"); break;
    case CpuMode::host_passthrough:
    case CpuMode::maximum:
      set(node, "check", "none");
      set(node, "migratable", "on");
      break;
  }
}

}  // namespace

void write_cpu(pugi::xml_node domain, const model::VirtualMachine& machine) {
  const std::optional<CpuMode> mode = mode_of(machine);
  if (!mode && !machine.cpu.topology) return;
  pugi::xml_node node = append(domain, "cpu");
  if (mode) write_mode(node, *mode, machine.cpu.model);
  if (const auto& topology = machine.cpu.topology) {
    pugi::xml_node child = append(node, "topology");
    set(child, "sockets", fmt::format("{}", topology->sockets));
    set(child, "dies", "1");
    set(child, "cores", fmt::format("{}", topology->cores));
    set(child, "threads", fmt::format("{}", topology->threads));
  }
  for (const model::CpuFeature& feature : machine.cpu.features) {
    pugi::xml_node child = append(node, "feature");
    set(child, "policy", model::to_text(feature.policy));
    set(child, "name", feature.name);
  }
}

model::Cpu read_cpu(pugi::xml_node domain) {
  model::Cpu cpu;
  cpu.count = read_unsigned(domain.child("vcpu").text().get()).value_or(cpu.count);
  const pugi::xml_node node = domain.child("cpu");
  cpu.mode = model::from_text<CpuMode>(node.attribute("mode").value());
  // libvirt's older form of a custom CPU has a model and no mode.
  if (!cpu.mode && node.child("model")) cpu.mode = CpuMode::custom;
  if (cpu.mode == CpuMode::custom) cpu.model = node.child("model").text().get();
  if (const pugi::xml_node topology = node.child("topology")) {
    cpu.topology = {.sockets = read_unsigned(topology.attribute("sockets").value()).value_or(1),
                    .cores = read_unsigned(topology.attribute("cores").value()).value_or(1),
                    .threads = read_unsigned(topology.attribute("threads").value()).value_or(1)};
  }
  for (const pugi::xml_node feature : node.children("feature")) {
    model::CpuFeature out{.name = feature.attribute("name").value()};
    read_word(out.policy, feature.attribute("policy").value());
    cpu.features.push_back(std::move(out));
  }
  return cpu;
}

}  // namespace vmtool::xml
