//! A planned configuration as texts that a person can paste: Terraform, CloudFormation, AWS CLI.
//!
//! The texts are templates (`configuration/*.j2`). Every string of a scenario goes through a filter that writes it in the language of
//! the text: a JSON string is a string of YAML and, once `${` and `%{` are doubled, of HCL; a shell takes it in single quotes. They
//! hold what a plan decides and nothing else: containers, roles, subnets and balancers stay as they are. The fields are those of
//! the Terraform AWS provider, of the CloudFormation resource types AWS::ECS and AWS::ApplicationAutoScaling and of the commands of
//! AWS CLI version 2.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde_json::json;

use crate::error::{Error, ErrorKind, Fault, Place};
use crate::result::plan::{PlanResult, PolicyConfiguration, ServiceConfiguration};

const TERRAFORM: &str = include_str!("configuration/terraform.tf.j2");
const CLOUDFORMATION: &str = include_str!("configuration/cloudformation.yaml.j2");
const AWS_CLI: &str = include_str!("configuration/aws_cli.sh.j2");

/// The services as Terraform resources.
///
/// # Errors
/// When the template breaks, which no result can cause.
pub fn terraform(result: &PlanResult) -> Result<String, Error> {
    rendered("terraform.tf.j2", TERRAFORM, result)
}

/// The services as CloudFormation resources, in YAML.
///
/// # Errors
/// As [`terraform`].
pub fn cloudformation(result: &PlanResult) -> Result<String, Error> {
    rendered("cloudformation.yaml.j2", CLOUDFORMATION, result)
}

/// The change as AWS CLI commands for a POSIX shell.
///
/// # Errors
/// As [`terraform`].
pub fn aws_cli(result: &PlanResult) -> Result<String, Error> {
    rendered("aws_cli.sh.j2", AWS_CLI, result)
}

fn rendered(name: &str, template: &str, result: &PlanResult) -> Result<String, Error> {
    let failed =
        |error: minijinja::Error| Error::from(Fault::new(ErrorKind::File, Place::file(name), format!("cannot be rendered: {error}")));
    let mut environment = Environment::new();
    environment
        .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build().map_err(failed)?);
    environment.add_filter("quoted", quoted);
    environment.add_filter("hcl", |text: &str| quoted(text).replace("${", "$${").replace("%{", "%%{"));
    environment.add_filter("sh", in_single_quotes);
    environment.add_filter("remark", |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let services: Vec<Value> = result.services.iter().map(|service| service_value(service, &result.cluster)).collect();
    let context = context! {
        meets => result.meets,
        scenario => result.scenario.as_str(),
        version => result.ecsim_version.as_str(),
        new_cost => result.chosen.monthly_cost.as_str(),
        old_cost => result.current.monthly_cost.as_str(),
        cluster => result.cluster.as_str(),
        services => services,
        by_hand => result.by_hand.clone(),
    };
    environment.render_named_str(name, template, context).map_err(failed)
}

fn service_value(service: &ServiceConfiguration, cluster: &str) -> Value {
    let policy = |policy: &PolicyConfiguration| {
        context! {
            label => label(&policy.name),
            logical_id => logical_id(&policy.name),
            needs_resource_label => policy.predefined_metric_type == "ALBRequestCountPerTarget",
            cli_json => cli_json(policy),
            ..Value::from(Serde(policy))
        }
    };
    context! {
        label => label(&service.service),
        logical_id => logical_id(&service.service),
        resource_id => format!("service/{cluster}/{}", service.service),
        policies => service.policies.iter().map(policy).collect::<Vec<_>>(),
        ..Value::from(Serde(service))
    }
}

/// The argument of `put-scaling-policy`.
fn cli_json(policy: &PolicyConfiguration) -> String {
    let mut metric = json!({"PredefinedMetricType": policy.predefined_metric_type});
    if policy.predefined_metric_type == "ALBRequestCountPerTarget" {
        metric["ResourceLabel"] = json!("app/NAME/ID/targetgroup/NAME/ID");
    }
    json!({
        "TargetValue": policy.target_value,
        "PredefinedMetricSpecification": metric,
        "ScaleOutCooldown": policy.scale_out_cooldown,
        "ScaleInCooldown": policy.scale_in_cooldown,
        "DisableScaleIn": policy.disable_scale_in,
    })
    .to_string()
}

/// A string of JSON, which is one of YAML too.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}

/// A word of a POSIX shell.
fn in_single_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A name in Terraform: letters, digits, `_` and `-`, no digit first.
fn label(name: &str) -> String {
    let label: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' }).collect();
    if label.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') { label } else { format!("_{label}") }
}

/// A logical ID of CloudFormation: letters and digits, each word with a capital.
fn logical_id(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    let id: String = words.map(capital).collect();
    if id.is_empty() { "X".to_owned() } else { id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_language() {
        assert_eq!(
            (label("web shop.v2"), label("7up"), logical_id("web-shop v2"), logical_id("ä")),
            ("web_shop_v2".into(), "_7up".into(), "WebShopV2".into(), "X".into())
        );
        assert_eq!(in_single_quotes("it's"), r"'it'\''s'");
    }
}
