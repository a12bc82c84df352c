create or replace function api.recon_list(
    p_run_id uuid,
    p_limit  integer
)
returns table (
    snapshot_seq     bigint,
    verdict          text,
    order_drifts     bigint,
    position_drifts  bigint,
    cash_drifts      bigint,
    other_drifts     bigint,
    warning_drifts   bigint,
    unsettled_drifts bigint,
    info_drifts      bigint,
    repairs          bigint,
    captured_at      timestamptz,
    compared_at      timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.snapshot_seq, c.verdict, c.order_drifts, c.position_drifts, c.cash_drifts,
           c.other_drifts, c.warning_drifts, c.unsettled_drifts, c.info_drifts,
           (select count(*) from recon.repairs as r
             where r.run_id = c.run_id and r.snapshot_seq = c.snapshot_seq),
           s.captured_at, c.compared_at
      from recon.comparisons as c
      join recon.snapshots as s using (run_id, snapshot_seq)
     where c.run_id = p_run_id
       and run.assert_run(p_run_id)
     order by c.snapshot_seq desc
     limit least(greatest(p_limit, 1), 1000);
$function$;

comment on function api.recon_list(uuid, integer) is
$$The last comparisons with the broker, newest first.
Raises: MQN02.$$;
