"""The ways that public lists and the AWS documentation describe, each with the rights they name.

`test_edges` holds each path to its own entry; here the entries are held to what others say.
"""

import pytest

from analyzer.privesc.catalogue import load_paths
from analyzer.privesc.graph import PrivilegeLevel, escalation_graph
from tests.builders import account

ANN = "arn:aws:iam::111122223333:user/ann"
PASS = "iam:PassRole"
BY_ID = {each.id: each for each in load_paths()}
SURE = [
    ("airflow-env", "mwaa-new", PASS, "airflow:CreateEnvironment"),
    ("states", "stepfunctions-test-state", PASS, "states:TestState"),
    ("states", "stepfunctions-new", PASS, "states:CreateStateMachine", "states:StartSyncExecution"),
    ("sagemaker", "sagemaker-tuning-job", PASS, "sagemaker:CreateHyperParameterTuningJob"),
    ("apigateway", "apigateway-integration", PASS, "apigateway:POST", "apigateway:PUT"),
    (
        "cloudformation", "cfn-change-set-new",
        PASS, "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet",
    ),
    (
        "lambda", "lambda-create-event-source-new",
        PASS, "lambda:CreateFunction", "lambda:CreateEventSourceMapping",
        "dynamodb:CreateTable", "dynamodb:PutItem",
    ),
]  # fmt: skip
TAKES_SOMETHING = [
    ("airflow-env", "mwaa-update", "airflow:UpdateEnvironment", "airflow:CreateCliToken"),
    ("ec2", "ec2-swap-profile-role", PASS, "iam:AddRoleToInstanceProfile"),
    ("ec2", "ec2-serial-console", "ec2-instance-connect:SendSerialConsoleSSHPublicKey"),
    ("ec2", "ssm-create-association", "ssm:CreateAssociation"),
    ("ec2", "ssm-resume-session", "ssm:ResumeSession"),
    ("ec2", "ssm-update-document", "ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion"),
    (
        "ec2", "ssm-maintenance-task",
        "ssm:RegisterTargetWithMaintenanceWindow", "ssm:RegisterTaskWithMaintenanceWindow",
    ),
    ("sagemaker", "sagemaker-studio-url", "sagemaker:CreatePresignedDomainUrl"),
    (
        "sagemaker", "sagemaker-studio-profile",
        PASS, "sagemaker:UpdateUserProfile", "sagemaker:CreateApp",
        "sagemaker:CreatePresignedDomainUrl",
    ),
    (
        "sagemaker", "sagemaker-studio-domain",
        PASS, "sagemaker:UpdateDomain", "sagemaker:CreateUserProfile", "sagemaker:CreateApp",
        "sagemaker:CreatePresignedDomainUrl",
    ),
    ("ecs-tasks", "ecs-update-service", PASS, "ecs:RegisterTaskDefinition", "ecs:UpdateService"),
    (
        "ecs-tasks", "ecs-task-set",
        PASS, "ecs:RegisterTaskDefinition", "ecs:CreateTaskSet", "ecs:UpdateServicePrimaryTaskSet",
    ),
    ("ecs-tasks", "ecs-drain-to-own-instance", "ecs:UpdateContainerInstancesState"),
    ("ec2", "ecs-host-escape", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
    (
        "elasticmapreduce", "emr-editor-new",
        PASS, "elasticmapreduce:CreateEditor", "elasticmapreduce:OpenEditorInConsole",
    ),
    ("elasticmapreduce", "emr-editor-open", "elasticmapreduce:OpenEditorInConsole"),
    ("cloudformation", "cfn-stackset-update-same-role", "cloudformation:UpdateStackSet"),
    (
        "codepipeline", "codepipeline-update",
        "codepipeline:UpdatePipeline", "codepipeline:StartPipelineExecution",
    ),
    (
        "codebuild", "codebuild-update-project",
        PASS, "codebuild:UpdateProject", "codebuild:StartBuildBatch",
    ),
    ("cognito-identity", "cognito-group-role", PASS, "cognito-idp:CreateGroup"),
    ("cognito-identity", "cognito-group-role", PASS, "cognito-idp:UpdateGroup"),
    ("cognito-identity", "cognito-group-join", "cognito-idp:AdminAddUserToGroup"),
    ("cognito-identity", "cognito-pool-provider", "cognito-identity:UpdateIdentityPool"),
    ("cognito-identity", "cognito-user-takeover", "cognito-idp:AdminSetUserPassword"),
    ("scheduler", "scheduler-update", PASS, "scheduler:UpdateSchedule"),
    ("states", "stepfunctions-update-wait", "states:UpdateStateMachine"),
    ("glue", "glue-job-update-wait", "glue:UpdateJob"),
    (
        "ec2", "elasticbeanstalk-update",
        "elasticbeanstalk:CreateApplicationVersion", "elasticbeanstalk:UpdateEnvironment",
    ),
    (
        "edgelambda", "lambda-edge",
        PASS, "lambda:CreateFunction", "lambda:PublishVersion", "lambda:EnableReplication*",
        "cloudfront:UpdateDistribution",
    ),
    ("none", "sso-account-assignment", "sso:CreateAccountAssignment"),
    (
        "none", "sso-permission-set-customer-policy",
        "sso:AttachCustomerManagedPolicyReferenceToPermissionSet", "sso:ProvisionPermissionSet",
    ),
    ("none", "sso-permission-set-release", "sso:DeleteInlinePolicyFromPermissionSet"),
    ("none", "sso-permission-set-release", "sso:DeletePermissionsBoundaryFromPermissionSet"),
    ("none", "identity-center-group-join", "identitystore:CreateGroupMembership"),
    ("none", "identity-center-password", "sso-directory:UpdatePassword"),
]  # fmt: skip
FROM_DOCUMENTATION = [
    (
        "lambda", "lambda-function-url",
        PASS, "lambda:CreateFunction", "lambda:CreateFunctionUrlConfig", "lambda:InvokeFunctionUrl",
    ),
    ("ssm", "ssm-automation-shared-document", PASS, "ssm:StartAutomationExecution"),
    (
        "ssm", "ssm-maintenance-window-new",
        PASS, "ssm:CreateMaintenanceWindow", "ssm:RegisterTaskWithMaintenanceWindow",
    ),
    (
        "ssm", "config-remediation",
        PASS, "config:PutRemediationConfigurations", "config:StartRemediationExecution",
    ),
    (
        "sagemaker", "sagemaker-studio-new",
        PASS, "sagemaker:CreateDomain", "sagemaker:CreateUserProfile",
        "sagemaker:CreatePresignedDomainUrl",
    ),
    (
        "sagemaker", "sagemaker-model-endpoint",
        PASS, "sagemaker:CreateModel", "sagemaker:CreateEndpointConfig", "sagemaker:CreateEndpoint",
    ),
    (
        "sagemaker", "sagemaker-transform-job",
        PASS, "sagemaker:CreateModel", "sagemaker:CreateTransformJob",
    ),
    ("ec2", "emr-add-steps", "elasticmapreduce:AddJobFlowSteps"),
    ("emr-serverless", "emr-serverless-existing-app", PASS, "emr-serverless:StartJobRun"),
    ("codebuild", "codebuild-webhook", PASS, "codebuild:CreateProject", "codebuild:CreateWebhook"),
    (
        "appsync", "appsync-http-source",
        PASS, "appsync:CreateGraphqlApi", "appsync:StartSchemaCreation", "appsync:CreateDataSource",
        "appsync:CreateResolver",
    ),
    (
        "bedrock-agentcore", "agentcore-runtime-invoke",
        PASS, "bedrock-agentcore:CreateAgentRuntime",
        "bedrock-agentcore:CreateAgentRuntimeEndpoint",
        "bedrock-agentcore:CreateWorkloadIdentity", "bedrock-agentcore:InvokeAgentRuntime",
    ),
    ("glue", "glue-session-use", "glue:RunStatement"),
    ("glue", "glue-job-arguments", "glue:StartJobRun"),
    ("ssm", "ssm-maintenance-window-pass", PASS, "ssm:RegisterTaskWithMaintenanceWindow"),
    ("ssm", "ssm-maintenance-window-pass", PASS, "ssm:UpdateMaintenanceWindowTask"),
    (
        "appsync", "appsync-http-source-existing",
        PASS, "appsync:UpdateDataSource", "appsync:CreateResolver",
    ),
    ("apigateway", "apigateway-update", PASS, "apigateway:PATCH", "apigateway:POST"),
    (
        "sagemaker", "sagemaker-pipeline-new",
        PASS, "sagemaker:CreatePipeline", "sagemaker:StartPipelineExecution",
    ),
    ("sagemaker", "sagemaker-space-session", "sagemaker:StartSession"),
    ("amplify", "amplify-update", "amplify:UpdateApp", "amplify:StartJob"),
    ("kinesisanalytics", "kinesisanalytics-update", "kinesisanalytics:UpdateApplication"),
    ("rolesanywhere", "rolesanywhere-anchor", "rolesanywhere:UpdateTrustAnchor"),
    ("ec2", "ec2-spot-fleet", PASS, "ec2:RequestSpotFleet"),
    (
        "appstream", "appstream-image-builder",
        PASS, "appstream:CreateImageBuilder", "appstream:CreateImageBuilderStreamingURL",
    ),
    (
        "athena", "athena-notebook",
        PASS, "athena:CreateWorkGroup", "athena:StartSession", "athena:StartCalculationExecution",
    ),
    ("ecs-tasks", "ecs-express-service", PASS, "ecs:CreateExpressGatewayService"),
    (
        "airflow-serverless", "mwaa-serverless-workflow",
        PASS, "airflow-serverless:CreateWorkflow", "airflow-serverless:StartWorkflowRun",
    ),
]  # fmt: skip


def found(way):
    """How far a user with just these rights gets, and by which paths."""
    service, _, *rights = way
    case = account().role("strong", service=f"{service}.amazonaws.com").may("*")
    case = case.member(InstanceProfileList=[{"InstanceProfileName": "strong"}])
    graph = escalation_graph(case.user("ann").key().may(*rights).account())
    return graph.privileges[ANN].level, {each.path.id for each in graph.edges[ANN]}


@pytest.mark.parametrize("way", SURE, ids=" ".join)
def test_what_a_list_names_with_all_it_takes_is_one_step_from_administrator(way):
    """Nothing must be there but a role that trusts the service."""
    level, ways = found(way)
    assert level is PrivilegeLevel.DIRECT
    assert way[1] in ways


@pytest.mark.parametrize("way", [*TAKES_SOMETHING, *FROM_DOCUMENTATION], ids=" ".join)
def test_what_takes_more_than_exports_show_is_a_possibility(way):
    """Something that must be there already, or a way that nobody has tried in public."""
    level, ways = found(way)
    assert level is PrivilegeLevel.CONDITIONAL
    assert way[1] in ways


@pytest.mark.parametrize("way", FROM_DOCUMENTATION, ids=" ".join)
def test_what_only_the_documentation_shows_is_medium_at_most(way):
    """Its entry names the page."""
    path = BY_ID[way[1]]
    assert path.severity_cap in ("low", "medium")
    assert any(each.startswith("aws:") for each in path.refs)
