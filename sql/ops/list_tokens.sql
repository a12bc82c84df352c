create or replace function ops.list_tokens(
    p_now_at timestamptz
)
returns table (
    token_id     text,
    environment  text,
    actor        text,
    scopes       text[],
    is_valid     boolean,
    issued_at    timestamptz,
    ends_at      timestamptz,
    last_used_at timestamptz,
    refused      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select t.token_id, t.environment, t.actor, t.scopes,
           p_now_at >= t.issued_at and p_now_at < least(t.expires_at, e.ends_at),
           t.issued_at, least(t.expires_at, e.ends_at), u.last_used_at, u.refused
      from ops.tokens as t
     cross join lateral (
        select min(x.ends_at) as ends_at from ops.token_ends as x where x.token_id = t.token_id) as e
     cross join lateral (
        select max(x.used_at) filter (where x.is_accepted) as last_used_at,
               count(*) filter (where not x.is_accepted) as refused
          from ops.token_uses as x where x.presented_id = t.token_id) as u
     order by t.issued_at desc, t.token_id;
$function$;

comment on function ops.list_tokens(timestamptz) is
$$Every token with its terms, whether it is valid at p_now_at, and how it was used; never its secret.$$;
