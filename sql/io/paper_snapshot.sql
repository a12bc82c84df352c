create or replace function io.paper_snapshot(
    p_account_id text,
    p_now_at     timestamptz
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select sim.get_snapshot(p_account_id, p_now_at);
$function$;

comment on function io.paper_snapshot(text, timestamptz) is
$$Service door to sim.get_snapshot.$$;
