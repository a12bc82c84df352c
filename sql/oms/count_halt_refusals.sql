create or replace function oms.count_halt_refusals(
    p_run_id   uuid,
    p_order_id uuid
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(b.outbox_id)
      from run.runs as r
      join run.run_history as h on h.run_id = r.run_id and h.history_seq = r.status_seq
      left join oms.outbox as b
        on b.run_id = r.run_id and b.order_id = p_order_id and b.request_kind = 'CANCEL'
       and b.outbox_status = 'FAILED' and b.enqueued_at >= h.moved_at
     where r.run_id = p_run_id and r.run_status = 'HALTED'
     group by r.run_id;
$function$;

comment on function oms.count_halt_refusals(uuid, uuid) is
$$How often the broker refused to end an order since its run was halted; null for a run that is not.$$;
