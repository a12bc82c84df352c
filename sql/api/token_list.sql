create or replace function api.token_list(
    p_now_at timestamptz
)
returns table (
    token_id     text,
    environment  text,
    actor        text,
    scopes       text,
    is_valid     boolean,
    issued_at    timestamptz,
    ends_at      timestamptz,
    last_used_at timestamptz,
    refused      bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select t.token_id, t.environment, t.actor, array_to_string(t.scopes, ' '), t.is_valid,
           t.issued_at, t.ends_at, t.last_used_at, t.refused
      from ops.list_tokens(p_now_at) as t;
$function$;

comment on function api.token_list(timestamptz) is
$$Every token with its terms and its use; never its secret.$$;
