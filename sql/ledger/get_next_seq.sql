create or replace function ledger.get_next_seq(
    p_run_id uuid
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(max(f.fill_seq), 0) + 1 from ledger.fills as f where f.run_id = p_run_id;
$function$;

comment on function ledger.get_next_seq(uuid) is
$$The number of a run's next fill. The caller holds the run's portfolio row.$$;
