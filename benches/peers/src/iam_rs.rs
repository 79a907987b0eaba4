//! iam-rs: the document as it is, but for two things that it reads in another way, and the requests parsed
//! beforehand.

use iam_rs::{
    Arn, Context, Decision, EvaluationOptions, IAMPolicy, IAMRequest, PolicyEvaluator, Principal, PrincipalId,
};

use crate::work::{Asked, Peer, Work, root_account};

/// Sets iam-rs up.
pub fn set_up(work: &Work) -> Peer {
    let mut policy = work.policy.clone();
    for statement in policy["Statement"].as_array_mut().expect("statements") {
        // To iam-rs the root of an account is the root user alone, but an ARN may have wildcards.
        if let Some(account) = statement["Principal"]["AWS"].as_str().and_then(root_account) {
            statement["Principal"] = serde_json::json!({"AWS": format!("arn:aws:iam::{account}:*")});
        }
    }
    let policy = IAMPolicy::from_json(&policy.to_string()).expect("the workload is well formed");
    let options = EvaluationOptions { max_statements: usize::MAX, ..EvaluationOptions::default() };
    let evaluator = PolicyEvaluator::with_policies(vec![policy]).with_options(options);
    let requests: Vec<_> = work.requests.iter().map(request).collect();
    Box::new(move |number| evaluator.evaluate(&requests[number]).is_ok_and(|result| result.decision == Decision::Allow))
}

/// To iam-rs a session is not one of its role's, so the role itself asks.
fn request(asked: &Asked) -> IAMRequest {
    let principal = Principal::Aws(PrincipalId::String(asked.identity.clone()));
    let resource = Arn::parse(&asked.resource).expect("a resource is an ARN");
    let context = asked.context.iter().fold(Context::new(), |context, (key, value)| context.with_string(key, value));
    IAMRequest::new_with_context(principal, "execute-api:Invoke", resource, context)
}
