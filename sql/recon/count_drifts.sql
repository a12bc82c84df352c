create or replace function recon.count_drifts(
    p_drifts recon.drifts[]
)
returns table (
    order_drifts     bigint,
    position_drifts  bigint,
    cash_drifts      bigint,
    other_drifts     bigint,
    warning_drifts   bigint,
    unsettled_drifts bigint,
    info_drifts      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with judged as (
        select k.drift_group, k.severity, d.is_settled,
               k.severity = 'CRITICAL' and d.is_settled as counts
          from unnest(p_drifts) as d
          join recon.drift_kinds as k using (drift_kind)
    )
    select count(*) filter (where j.counts and j.drift_group = 'ORDER'),
           count(*) filter (where j.counts and j.drift_group = 'POSITION'),
           count(*) filter (where j.counts and j.drift_group = 'CASH'),
           count(*) filter (where j.counts and j.drift_group = 'OTHER'),
           count(*) filter (where j.severity = 'WARN' and j.is_settled),
           count(*) filter (where j.severity <> 'INFO' and not j.is_settled),
           count(*) filter (where j.severity = 'INFO')
      from judged as j;
$function$;

comment on function recon.count_drifts(recon.drifts[]) is
$$Counts differences by what they mean: settled critical ones by group, settled warnings, ones that may
still be in flight, and what is only mentioned.$$;
