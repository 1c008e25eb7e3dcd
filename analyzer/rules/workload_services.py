"""In: nothing. Out: the services that run the owner's programs and let them take a role."""

WORKLOAD_SERVICES = frozenset(
    {
        "ec2.amazonaws.com",
        "ec2.amazonaws.com.cn",
        "lambda.amazonaws.com",
        "ecs-tasks.amazonaws.com",
        "pods.eks.amazonaws.com",
        "codebuild.amazonaws.com",
        "batch.amazonaws.com",
        "glue.amazonaws.com",
        "states.amazonaws.com",
        "apprunner.amazonaws.com",
        "tasks.apprunner.amazonaws.com",
        "rolesanywhere.amazonaws.com",
    }
)
