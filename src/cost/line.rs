//! One line of a bill.

use rust_decimal::Decimal;

/// Whether a cost stays when a service scales to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// It stays: balancers, gateways, endpoints and their addresses, alarms, and what is stored.
    Fixed,
    /// It goes with the tasks or the traffic.
    Variable,
}

impl Behaviour {
    /// The word for it in a result.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Variable => "variable",
        }
    }
}

/// What a chart of cost over time stacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// vCPU, memory, licences and storage of tasks on demand.
    Fargate,
    /// The same of Spot tasks.
    FargateSpot,
    /// Commitments of Savings Plans, used or not.
    SavingsPlans,
    /// Hours and capacity units of load balancers.
    LoadBalancing,
    /// NAT gateways, interface endpoints and public addresses.
    Network,
    /// Traffic to the internet and between zones.
    DataTransfer,
    /// Logs.
    Logs,
    /// Images and file systems.
    Storage,
    /// Alarms and metrics.
    Monitoring,
    /// Requests to message queues.
    Queues,
    /// EC2 instances.
    Instances,
}

impl Group {
    /// All of them, in the order of [`Group::index`].
    pub const ALL: [Self; 11] = [
        Self::Fargate,
        Self::FargateSpot,
        Self::SavingsPlans,
        Self::LoadBalancing,
        Self::Network,
        Self::DataTransfer,
        Self::Logs,
        Self::Storage,
        Self::Monitoring,
        Self::Queues,
        Self::Instances,
    ];

    /// Its name in a legend.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fargate => "Fargate",
            Self::FargateSpot => "Fargate Spot",
            Self::SavingsPlans => "Savings Plans",
            Self::LoadBalancing => "Load balancing",
            Self::Network => "Network",
            Self::DataTransfer => "Data transfer",
            Self::Logs => "Logs",
            Self::Storage => "Storage",
            Self::Monitoring => "Monitoring",
            Self::Queues => "Queues",
            Self::Instances => "EC2 instances",
        }
    }

    /// Its place in a table of all groups.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// One line of a bill: a quantity times a unit price.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The service that causes it; none when several share it.
    pub service: Option<String>,
    /// What is billed: `tasks`, `load balancer shared`, `nat gateways` ...
    pub resource: String,
    /// The capacity provider of tasks on Fargate; none for everything else.
    pub capacity_provider: Option<String>,
    /// AWS's product.
    pub product: &'static str,
    /// AWS's name for the usage, with the region's prefix; empty in a region whose prefix is not known.
    pub usage_type: String,
    /// What it is, for a reader.
    pub description: String,
    /// What a chart counts it to.
    pub group: Group,
    /// Whether it stays when the service scales to zero.
    pub behaviour: Behaviour,
    /// How much was used, with at most [`super::QUANTITY_PLACES`] decimal places.
    pub quantity: Decimal,
    /// What the quantity counts.
    pub unit: &'static str,
    /// US dollars for one unit, the discount taken off.
    pub unit_price: Decimal,
    /// Where the price comes from, the discount named.
    pub price_source: String,
    /// For when the source states it.
    pub price_date: String,
    /// Whether the price is an estimate, or the quantity rests on what AWS does not publish.
    pub estimated: bool,
    /// The Savings Plan whose commitment pays for it; none: it is billed by itself.
    pub savings_plan: Option<String>,
    /// What a unit costs on demand, the discount taken off, where a Savings Plan covers it.
    pub on_demand_unit_price: Option<Decimal>,
    /// `quantity` x `unit_price`, rounded to [`super::MONEY_PLACES`] places, half away from zero.
    pub cost: Decimal,
    /// What the month for which this window stands costs (730 hours, or a month of the calendar), rounded likewise.
    pub monthly_cost: Decimal,
}
