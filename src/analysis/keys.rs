//! The global condition keys: what AWS says of each (IAM User Guide, "AWS global condition context keys").
//!
//! Invariant: names are in lower case, and those with a tag's name or the like behind them end in `/`.

/// What the values of a key are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    /// Text that is an ARN: both families of operators are in use for it.
    Arn,
    Address,
    Boolean,
    Date,
    /// Seconds since 1970, a date as well.
    Epoch,
    Number,
}

/// What is known of a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct GlobalKey {
    name: &'static str,
    pub has: Type,
    /// It may have several values (K-06).
    pub many: bool,
    /// A request to a private API has it, whoever asks.
    pub always: bool,
    /// Its values are ids that AWS makes up.
    pub is_id: bool,
}

const fn key(name: &'static str, has: Type) -> GlobalKey {
    GlobalKey { name, has, many: false, always: false, is_id: false }
}

/// One that has several values.
const fn many(name: &'static str) -> GlobalKey {
    GlobalKey { many: true, ..key(name, Type::Text) }
}

/// One that every request has.
const fn always(name: &'static str, has: Type) -> GlobalKey {
    GlobalKey { always: true, ..key(name, has) }
}

/// One that holds an id.
const fn id(name: &'static str) -> GlobalKey {
    GlobalKey { is_id: true, ..key(name, Type::Text) }
}

/// One that holds an id, and that every request has.
const fn id_always(name: &'static str) -> GlobalKey {
    GlobalKey { always: true, ..id(name) }
}

const KEYS: [GlobalKey; 52] = [
    // Of the principal.
    key("aws:principalarn", Type::Arn),
    id_always("aws:principalaccount"),
    many("aws:principalorgpaths"),
    id("aws:principalorgid"),
    key("aws:principaltag/", Type::Text),
    key("aws:principalisawsservice", Type::Boolean),
    key("aws:principalservicename", Type::Text),
    many("aws:principalservicenameslist"),
    always("aws:principaltype", Type::Text),
    key("aws:userid", Type::Text),
    key("aws:username", Type::Text),
    // Of the session.
    key("aws:assumedroot", Type::Boolean),
    key("aws:federatedprovider", Type::Text),
    key("aws:tokenissuetime", Type::Date),
    key("aws:signinsessionarn", Type::Arn),
    key("aws:multifactorauthage", Type::Number),
    key("aws:multifactorauthpresent", Type::Boolean),
    key("aws:chatbotsourcearn", Type::Arn),
    id("aws:ec2instancesourcevpc"),
    key("aws:ec2instancesourceprivateipv4", Type::Address),
    key("aws:sourceidentity", Type::Text),
    // Of the network.
    always("aws:sourceip", Type::Address),
    id_always("aws:sourcevpc"),
    key("aws:sourcevpcarn", Type::Arn),
    id_always("aws:sourcevpce"),
    id("aws:vpceaccount"),
    id("aws:vpceorgid"),
    many("aws:vpceorgpaths"),
    always("aws:vpcsourceip", Type::Address),
    // Of the resource.
    id_always("aws:resourceaccount"),
    id("aws:resourceorgid"),
    many("aws:resourceorgpaths"),
    key("aws:resourcetag/", Type::Text),
    // Of the request.
    many("aws:calledvia"),
    key("aws:calledviafirst", Type::Text),
    key("aws:calledvialast", Type::Text),
    key("aws:calledviaawsmcp", Type::Text),
    always("aws:viaawsservice", Type::Boolean),
    key("aws:viaawsmcpservice", Type::Boolean),
    always("aws:currenttime", Type::Date),
    always("aws:epochtime", Type::Epoch),
    key("aws:referer", Type::Text),
    always("aws:requestedregion", Type::Text),
    key("aws:requesttag/", Type::Text),
    many("aws:tagkeys"),
    always("aws:securetransport", Type::Boolean),
    id("aws:sourceaccount"),
    key("aws:sourcearn", Type::Arn),
    id("aws:sourceorgid"),
    many("aws:sourceorgpaths"),
    key("aws:useragent", Type::Text),
    key("aws:ismcpserviceaction", Type::Boolean),
];

/// What is known of a key, in any case; `None` where it is no global key.
pub(super) fn find(name: &str) -> Option<&'static GlobalKey> {
    let is = |key: &&GlobalKey| match key.name.strip_suffix('/') {
        Some(family) => name.split_once('/').is_some_and(|(own, _)| own.eq_ignore_ascii_case(family)),
        None => key.name.eq_ignore_ascii_case(name),
    };
    KEYS.iter().find(is)
}

/// Whether a key has the prefix that is AWS's own.
pub(super) fn is_global(name: &str) -> bool {
    name.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
}

/// The names, as `aws:…` in lower case.
pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    KEYS.iter().map(|key| key.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_lower_case_each_once() {
        for (at, one) in names().enumerate() {
            assert!(is_global(one) && one.chars().all(|char| !char.is_uppercase()), "{one}");
            assert!(names().skip(at + 1).all(|other| other != one), "{one}");
        }
    }

    #[test]
    fn keys_are_found_in_any_case_with_what_follows_a_slash() {
        assert_eq!(find("AWS:SourceIP").map(|key| key.has), Some(Type::Address));
        assert_eq!(find("aws:PrincipalTag/a/b").map(|key| key.name), Some("aws:principaltag/"));
        assert!(find("aws:TagKeys").is_some_and(|key| key.many));
        for unknown in ["aws:PrincipalTag", "aws:SourceIp/x", "aws:SourceVPCEndpoint", "s3:prefix"] {
            assert!(find(unknown).is_none(), "{unknown}");
        }
    }
}
