create or replace function ops.issue_token(
    p_args   jsonb,
    p_now_at timestamptz
)
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select ops.store_token(p_args, core.parse_names(p_args -> 'scopes'), null, p_now_at);
$function$;

comment on function ops.issue_token(jsonb, timestamptz) is
$$Issues a token to the person who asks, with the scopes asked for.
Raises: as ops.store_token.$$;
