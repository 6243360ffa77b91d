//! The AWS services that a VPC reaches through endpoints.
//!
//! `s3` and `dynamodb` have gateway endpoints, which are routes and cost nothing; every other one is an interface
//! endpoint with an address in each zone. Source: "AWS services that integrate with AWS PrivateLink" in the PrivateLink guide, of
//! which those stand here that tasks on Amazon ECS may have to do with.

use crate::scenario::shape::{Reading, nearest};
use crate::scenario::written::environment::Network;

/// Services whose endpoint is a gateway.
pub const GATEWAYS: [&str; 2] = ["dynamodb", "s3"];

/// Services with interface endpoints, by the end of their service name.
const INTERFACES: [&str; 96] = [
    "access-analyzer",
    "acm-pca",
    "airflow.api",
    "amplify",
    "app-integrations",
    "appconfig",
    "appconfigdata",
    "application-autoscaling",
    "appmesh-envoy-management",
    "aps",
    "aps-workspaces",
    "athena",
    "autoscaling",
    "autoscaling-plans",
    "batch",
    "bedrock",
    "bedrock-agent",
    "bedrock-agent-runtime",
    "bedrock-runtime",
    "cassandra",
    "cloudformation",
    "cloudtrail",
    "codeartifact.api",
    "codeartifact.repositories",
    "codebuild",
    "codecommit",
    "codedeploy",
    "codedeploy-commands-secure",
    "codepipeline",
    "cognito-idp",
    "comprehend",
    "config",
    "data-servicediscovery",
    "databrew",
    "datasync",
    "dms",
    "ebs",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
    "ecs-telemetry",
    "eks",
    "elasticache",
    "elasticbeanstalk",
    "elasticfilesystem",
    "elasticloadbalancing",
    "elasticmapreduce",
    "email-smtp",
    "events",
    "evidently",
    "execute-api",
    "fis",
    "git-codecommit",
    "glue",
    "grafana",
    "guardduty-data",
    "inspector2",
    "kinesis-firehose",
    "kinesis-streams",
    "kms",
    "lakeformation",
    "lambda",
    "license-manager",
    "logs",
    "memory-db",
    "monitoring",
    "mq",
    "pipes",
    "polly",
    "profiler",
    "rds",
    "rds-data",
    "redshift",
    "redshift-data",
    "rekognition",
    "resource-groups",
    "sagemaker.api",
    "sagemaker.runtime",
    "secretsmanager",
    "securityhub",
    "servicediscovery",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "sts",
    "sync-states",
    "textract",
    "transcribe",
    "transfer",
    "translate",
    "xray",
];

/// A service's name without what stands before it: `com.amazonaws.us-east-1.ecr.api` is `ecr.api`.
#[must_use]
pub fn service_name<'a>(written: &'a str, region: &str) -> &'a str {
    let after = written.strip_prefix("com.amazonaws.").and_then(|rest| rest.strip_prefix(region));
    after.and_then(|rest| rest.strip_prefix('.')).unwrap_or(written)
}

/// Whether it is a service of somebody else, which has an interface endpoint too: `com.amazonaws.vpce.us-east-1.vpce-svc-0e12...`
fn is_of_others(name: &str) -> bool {
    name.starts_with("com.amazonaws.vpce.") || name.starts_with("vpce-svc-")
}

/// Every endpoint is one of a known service, each once.
pub fn check(network: &Network, region: &str, reading: &mut Reading) {
    let names: Vec<&str> = network.vpc_endpoints.iter().map(|name| service_name(&name.0, region)).collect();
    for (index, &name) in names.iter().enumerate() {
        let place = network.places.of("vpc_endpoints");
        let known = || GATEWAYS.into_iter().chain(INTERFACES);
        if !is_of_others(name) && !known().any(|known| known == name) {
            let message = format!("found `{name}`, which is no service with an endpoint that ecsim knows");
            let remedy = nearest(name, known()).map_or_else(
                || "name it as AWS does after com.amazonaws.REGION, like s3, ecr.api, ecr.dkr or logs".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            reading.fault_with_remedy(&place, message, remedy);
        }
        if names[..index].contains(&name) {
            reading.fault(&place, format!("`{name}` is there twice"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_service_name_is_read_in_its_region() {
        assert_eq!(service_name("com.amazonaws.eu-west-1.ecr.api", "eu-west-1"), "ecr.api");
        assert_eq!(service_name("com.amazonaws.eu-west-1.ecr.api", "us-east-1"), "com.amazonaws.eu-west-1.ecr.api");
        assert_eq!(service_name("logs", "us-east-1"), "logs");
    }

    #[test]
    fn services_stand_in_order_and_once() {
        assert!(INTERFACES.is_sorted_by(|a, b| a < b));
        assert!(GATEWAYS.iter().all(|gateway| !INTERFACES.contains(gateway)));
    }
}
