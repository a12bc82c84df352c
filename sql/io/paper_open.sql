create or replace function io.paper_open(
    p_account_id text,
    p_terms      jsonb,
    p_now_at     timestamptz
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.open_account(p_account_id, p_terms, p_now_at);
$function$;

comment on function io.paper_open(text, jsonb, timestamptz) is
$$Service door to sim.open_account.$$;
