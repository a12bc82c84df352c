create or replace function api.position_exposure(
    p_run_id uuid,
    p_scheme text,
    p_now_at timestamptz
)
returns table (
    class        text,
    symbols      text,
    long_micros  bigint,
    short_micros bigint,
    net_micros   bigint,
    gross_micros bigint,
    equity_bps   bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.class, f.symbols, f.long_micros, f.short_micros, f.net_micros, f.gross_micros,
           f.equity_bps
      from ops.report_exposure(p_run_id, p_scheme, p_now_at) as f
     where run.assert_run(p_run_id);
$function$;

comment on function api.position_exposure(uuid, text, timestamptz) is
$$What a run holds by sector, or by the classes of another scheme.
Raises: MQN02.$$;
