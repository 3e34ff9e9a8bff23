#pragma once
// The structs that have a table of fields.

#include "manifest/field.hpp"
#include "model/document.hpp"

namespace vmtool::manifest {

template <>
const Table<model::VirtualMachine>& table<model::VirtualMachine>();
template <>
const Table<model::Firmware>& table<model::Firmware>();
template <>
const Table<model::DirectBoot>& table<model::DirectBoot>();
template <>
const Table<model::Cpu>& table<model::Cpu>();
template <>
const Table<model::CpuTopology>& table<model::CpuTopology>();
template <>
const Table<model::CpuFeature>& table<model::CpuFeature>();
template <>
const Table<model::Memory>& table<model::Memory>();
template <>
const Table<model::Graphics>& table<model::Graphics>();
template <>
const Table<model::Console>& table<model::Console>();
template <>
const Table<model::Rng>& table<model::Rng>();
template <>
const Table<model::CloudInit>& table<model::CloudInit>();
template <>
const Table<model::SshKey>& table<model::SshKey>();
template <>
const Table<model::NetworkConfig>& table<model::NetworkConfig>();
template <>
const Table<model::XmlEdit>& table<model::XmlEdit>();

template <>
const Table<model::Disk>& table<model::Disk>();
template <>
const Table<model::Interface>& table<model::Interface>();

template <>
const Table<model::Network>& table<model::Network>();
template <>
const Table<model::Forward>& table<model::Forward>();
template <>
const Table<model::Bridge>& table<model::Bridge>();
template <>
const Table<model::NetworkDomain>& table<model::NetworkDomain>();
template <>
const Table<model::NetworkAddress>& table<model::NetworkAddress>();
template <>
const Table<model::Dhcp>& table<model::Dhcp>();
template <>
const Table<model::DhcpRange>& table<model::DhcpRange>();
template <>
const Table<model::DhcpHost>& table<model::DhcpHost>();
template <>
const Table<model::Dns>& table<model::Dns>();
template <>
const Table<model::DnsForwarder>& table<model::DnsForwarder>();
template <>
const Table<model::DnsHost>& table<model::DnsHost>();

template <>
const Table<model::Volume>& table<model::Volume>();
template <>
const Table<model::Image>& table<model::Image>();

template <>
const Table<model::Container>& table<model::Container>();
template <>
const Table<model::Rootfs>& table<model::Rootfs>();
template <>
const Table<model::ContainerProcess>& table<model::ContainerProcess>();
template <>
const Table<model::ContainerUser>& table<model::ContainerUser>();
template <>
const Table<model::Rlimit>& table<model::Rlimit>();
template <>
const Table<model::IdMapping>& table<model::IdMapping>();
template <>
const Table<model::Mount>& table<model::Mount>();
template <>
const Table<model::ContainerInterface>& table<model::ContainerInterface>();
template <>
const Table<model::PublishedPort>& table<model::PublishedPort>();
template <>
const Table<model::ContainerResources>& table<model::ContainerResources>();
template <>
const Table<model::MemoryLimits>& table<model::MemoryLimits>();
template <>
const Table<model::CpuLimits>& table<model::CpuLimits>();
template <>
const Table<model::PidsLimit>& table<model::PidsLimit>();
template <>
const Table<model::BlockLimits>& table<model::BlockLimits>();

}  // namespace vmtool::manifest
