-- Verify mqk:ops/tokens on pg

begin;

set local role mqk_owner;

select token_id, verifier, environment, actor, scopes, replaces, issued_at, expires_at
  from ops.tokens
 where false;

select end_id, token_id, ends_at, ended_by, reason, ended_at
  from ops.token_ends
 where false;

select use_id, presented_id, login, peer, command, is_accepted, reason, used_at,
       accepted_id
  from ops.token_uses
 where false;

rollback;
