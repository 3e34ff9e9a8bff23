#include "manifest/tables.hpp"

namespace vmtool::manifest {

using namespace model;

template <>
const Table<Rootfs>& table<Rootfs>() {
  static const Table<Rootfs> fields{
      field("image", &Rootfs::image, "An image of the store, by name or digest."),
      field("layers", &Rootfs::layers, "Directories of the host, top first; what the container writes lies elsewhere.",
            {.is_host_path = true}),
      field("archive", &Rootfs::archive, "A tar archive of the host.", {.is_host_path = true}),
      field("readonly", &Rootfs::read_only, "The container can't write to its root."),
  };
  return fields;
}

template <>
const Table<ContainerUser>& table<ContainerUser>() {
  static const Table<ContainerUser> fields{
      field("uid", &ContainerUser::uid, "The user's number inside."),
      field("gid", &ContainerUser::gid, "The group's number inside."),
      field("additionalGids", &ContainerUser::groups, "Further groups."),
  };
  return fields;
}

template <>
const Table<Rlimit>& table<Rlimit>() {
  static const Table<Rlimit> fields{
      field("type", &Rlimit::type, "RLIMIT_NOFILE or another name of getrlimit(2).", {.required = true}),
      field("soft", &Rlimit::soft, "What holds at first.", {.required = true}),
      field("hard", &Rlimit::hard, "How far the process may raise it.", {.required = true}),
  };
  return fields;
}

template <>
const Table<ContainerProcess>& table<ContainerProcess>() {
  static const Table<ContainerProcess> fields{
      field("args", &ContainerProcess::args, "The program and its arguments; the image's own without it.",
            {.may_be_empty = true}),
      field("env", &ContainerProcess::env, "Variables, added to the image's."),
      field("cwd", &ContainerProcess::cwd, "The working directory; the image's without it, else /."),
      field("user", &ContainerProcess::user, "Who runs it; the image's user without it, else 0."),
      field("capabilities", &ContainerProcess::capabilities,
            "What it may do, e.g. CAP_NET_BIND_SERVICE; a short list for services without it, nothing with []."),
      field("rlimits", &ContainerProcess::rlimits, "Resource limits of getrlimit(2)."),
      field("noNewPrivileges", &ContainerProcess::no_new_privileges,
            "No program gets more rights than it was started with."),
      field("terminal", &ContainerProcess::terminal, "With a terminal."),
  };
  return fields;
}

template <>
const Table<IdMapping>& table<IdMapping>() {
  static const Table<IdMapping> fields{
      field("containerId", &IdMapping::container_id, "The first id inside.", {.required = true}),
      field("hostId", &IdMapping::host_id, "What it is on the host.", {.required = true}),
      field("size", &IdMapping::size, "How many ids.", {.required = true}),
  };
  return fields;
}

template <>
const Table<Mount>& table<Mount>() {
  static const Table<Mount> fields{
      field("type", &Mount::type, "What is mounted."),
      field("source", &Mount::source, "A file or directory of the host; with type bind.", {.is_host_path = true}),
      field("destination", &Mount::destination, "Where it is seen inside.", {.required = true}),
      field("options", &Mount::options, "Words of mount(8), e.g. [ro, nosuid, nodev], or size=64m for a tmpfs."),
  };
  return fields;
}

template <>
const Table<ContainerInterface>& table<ContainerInterface>() {
  static const Table<ContainerInterface> fields{
      field("name", &ContainerInterface::name, "The interface's name inside, e.g. eth0.", {.required = true}),
      field("network", &ContainerInterface::network,
            "The libvirt network that it is on, or `user` without root: what the user reaches.", {.required = true}),
      field("macAddress", &ContainerInterface::mac,
            "Its Ethernet address; auto derives it from host, container and interface.", {.word_for_default = "auto"}),
      field("address", &ContainerInterface::address,
            "Its address; auto is the first that is free outside of the DHCP ranges.", {.word_for_default = "auto"}),
      field("mtu", &ContainerInterface::mtu, "The largest packet in bytes, 68 to 65535; the network's without it."),
  };
  return fields;
}

template <>
const Table<PublishedPort>& table<PublishedPort>() {
  static const Table<PublishedPort> fields{
      field("hostPort", &PublishedPort::host_port, "The port of the host, 1 to 65535.", {.required = true}),
      field("containerPort", &PublishedPort::container_port, "The port of the container.", {.required = true}),
      field("protocol", &PublishedPort::protocol, "The protocol."),
      field("hostAddress", &PublishedPort::host_address, "Only on this address of the host."),
  };
  return fields;
}

template <>
const Table<MemoryLimits>& table<MemoryLimits>() {
  static const Table<MemoryLimits> fields{
      field("limit", &MemoryLimits::limit, "How much memory; beyond it processes are killed."),
      field("reservation", &MemoryLimits::reservation, "What is left to it where the host's memory is short."),
      field("swap", &MemoryLimits::swap, "How much swap beyond memory; 0B forbids it."),
  };
  return fields;
}

template <>
const Table<CpuLimits>& table<CpuLimits>() {
  static const Table<CpuLimits> fields{
      field("quota", &CpuLimits::quota, "Processor time of each period; 200ms of 100ms are two processors."),
      field("period", &CpuLimits::period, "The period, 1ms to 1s; 100ms without it."),
      field("shares", &CpuLimits::shares, "The weight among others, 2 to 262144."),
      field("cpus", &CpuLimits::cpus, "The processors that it may use, e.g. 0-1,3."),
  };
  return fields;
}

template <>
const Table<PidsLimit>& table<PidsLimit>() {
  static const Table<PidsLimit> fields{field("limit", &PidsLimit::limit, "How many processes and threads.")};
  return fields;
}

template <>
const Table<BlockLimits>& table<BlockLimits>() {
  static const Table<BlockLimits> fields{
      field("device", &BlockLimits::device, "A block device of the host, e.g. /dev/vda.", {.required = true}),
      field("readBytes", &BlockLimits::read_bytes, "Read from it in a second."),
      field("writeBytes", &BlockLimits::write_bytes, "Written to it in a second."),
      field("readIops", &BlockLimits::read_iops, "Reads in a second."),
      field("writeIops", &BlockLimits::write_iops, "Writes in a second."),
  };
  return fields;
}

template <>
const Table<ContainerResources>& table<ContainerResources>() {
  static const Table<ContainerResources> fields{
      field("memory", &ContainerResources::memory, "Memory."),
      field("cpu", &ContainerResources::cpu, "Processors."),
      field("pids", &ContainerResources::pids, "Processes."),
      field("blockIO", &ContainerResources::block, "Block devices."),
  };
  return fields;
}

namespace {

// A word, or a list of ranges.
Field<Container> mappings_field() {
  const auto ranges = [](Container& container) -> std::vector<IdMapping>& { return container.user_mappings.ranges; };
  Field<Container> row;
  row.name = "userMappings";
  row.type = "auto, host, or a list of mappings";
  row.fallback = "auto";
  row.doc =
      "Whose ids the container's are: host has no user namespace; auto is host for root, and for others their own id "
      "as 0 and "
      "their subordinate ids above it.";
  row.read = [ranges](const Node& node, const std::string& path, Container& out, Reading& reading) {
    if (node.type != Node::Type::text) {
      out.user_mappings.mode = MappingMode::list;
      return read_value(node, path, {}, ranges(out), reading);
    }
    reading.guard(node, path, [&] { out.user_mappings.mode = Value<MappingMode>::read(node.text); });
  };
  row.flatten = [](const Container& value, const std::string& path, Flat& out) {
    if (value.user_mappings.mode == MappingMode::host) out[path] = "host";
    flatten_value(value.user_mappings.ranges, {}, path, out);
  };
  row.describe_below = describe_value<std::vector<IdMapping>>;
  row.write = [](const Container& value, Written& out) {
    const UserMappings& mappings = value.user_mappings;
    if (mappings.mode == MappingMode::host) out.members.emplace_back("userMappings", write_value(mappings.mode));
    if (mappings.mode == MappingMode::list) out.members.emplace_back("userMappings", write_value(mappings.ranges));
  };
  return row;
}

// Two words; anything else is a file.
Field<Container> seccomp_field() {
  Field<Container> row = field("seccomp", &Container::seccomp,
                               "The filter of system calls: default, unconfined, or a profile's file in the OCI form.");
  row.type = "default, unconfined, or a path";
  const auto read_path = field("seccomp", &Container::seccomp, "", {.is_host_path = true}).read;
  row.read = [read_word = row.read, read_path](const Node& node, const std::string& path, Container& out,
                                               Reading& reading) {
    const bool is_word = node.type != Node::Type::text || node.text == "default" || node.text == "unconfined";
    (is_word ? read_word : read_path)(node, path, out, reading);
  };
  return row;
}

}  // namespace

template <>
const Table<Container>& table<Container>() {
  static const Table<Container> fields = with_frame<Container>({
      field("name", &Container::name, "The container's name; no machine of the host has the same.", {.required = true}),
      field("labels", &Container::labels, "Words of your own, for selecting containers."),
      field("rootfs", &Container::rootfs, "What the root filesystem stands on: one of image, layers and archive.",
            {.required = true}),
      field("hostname", &Container::hostname, "The host name inside; the container's name without it."),
      field("process", &Container::process, "What runs."),
      mappings_field(),
      field("mounts", &Container::mounts, "What is mounted besides the usual, in this order."),
      field("interfaces", &Container::interfaces, "The network interfaces; loopback alone without it."),
      field("ports", &Container::ports, "Ports of the host that lead to the container."),
      field("resources", &Container::resources, "Limits, changed live by define."),
      field("sysctl", &Container::sysctl, "Kernel parameters of the container's own, e.g. net.ipv4.ip_forward."),
      seccomp_field(),
      field("init", &Container::init, "A small process 1 that reaps children and hands signals on."),
      field("restartPolicy", &Container::restart_policy, "Whether it is started again when its process ends."),
      field("stopSignal", &Container::stop_signal,
            "The signal that asks it to end; the image's without it, else SIGTERM."),
      field("stopTimeout", &Container::stop_timeout, "How long an orderly stop may take before it is killed."),
      field("autostart", &Container::autostart, "Start the container with the host."),
      field("protected", &Container::is_protected, "Destructive commands refuse the container."),
  });
  return fields;
}

}  // namespace vmtool::manifest
