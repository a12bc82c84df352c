create or replace function oms.claim_outbox(
    p_run_id      uuid,
    p_worker_name text,
    p_limit       integer,
    p_now_at      timestamptz
)
returns table (
    outbox_id bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row   oms.outbox;
    v_now   timestamptz;
    v_shut  boolean;
    v_reduce boolean;
    v_change text;
begin
    perform core.assert_that(p_limit between 1 and 100, 'MQA02', 'limit in 1..100');
    perform core.assert_that(p_worker_name is not null, 'MQA01', 'worker_name');
    perform run.lock_run(p_run_id, false, p_now_at);
    v_now := run.clamp_now(p_run_id, p_now_at);
    if oms.count_claimable(p_run_id, p_now_at) = 0 then
        perform run.assert_may_trade(p_run_id, p_now_at);
    end if;
    v_change := run.find_schema_change(p_run_id);
    perform run.halt_run(p_run_id, 'SCHEMA', v_change, '{}', p_now_at) where v_change is not null;
    v_shut := not run.may_trade(p_run_id, p_now_at);
    v_reduce := case when v_shut then oms.find_reduction_defect(p_run_id, p_now_at) is null end;

    for v_row in
        with claimable as materialized (
            select o.run_id, o.outbox_id
              from oms.outbox as o
             where o.run_id = p_run_id and o.outbox_status = 'PENDING'
               and oms.is_claimable(o, v_shut, v_reduce, v_now)
             order by o.request_kind, o.outbox_id
             limit p_limit
               for update skip locked
        )
        select o.* from oms.outbox as o join claimable as c using (run_id, outbox_id)
         order by o.request_kind, o.outbox_id
    loop
        if v_row.expires_at <= v_now then
            perform oms.fail_order(v_row, 'EXPIRED', 'expired before it was sent', p_now_at);
        else
            perform oms.move_outbox(
                p_run_id, v_row.outbox_id, 'CLAIMED', p_worker_name, 'claimed', p_now_at);
            outbox_id := v_row.outbox_id;
            return next;
        end if;
    end loop;
end;
$function$;

comment on function oms.claim_outbox(uuid, text, integer, timestamptz) is
$$Gives one gateway up to p_limit pending requests of one run, by id only: cancels first, then submits,
and these only while the run may trade. A request whose time is over is failed instead.
A run whose schema is not the one that it was armed on is halted instead.
Why: SKIP LOCKED hands every row to exactly one gateway; what to send is told only with a permit.
Raises: MQA01; MQA02; MQS02 not running; MQG01 a gate is shut.$$;
