create or replace function oms.move_outbox(
    p_run_id      uuid,
    p_outbox_id   bigint,
    p_to_status   text,
    p_worker_name text,
    p_reason      text,
    p_now_at      timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_seq   bigint;
    v_taken boolean := p_to_status in ('CLAIMED', 'DISPATCHING');
begin
    update oms.outbox as o
       set outbox_status = p_to_status,
           status_seq = o.status_seq + 1,
           claimed_by = case when v_taken then p_worker_name end,
           claimed_at = case when v_taken then coalesce(o.claimed_at, p_now_at) end
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id
    returning o.status_seq into strict v_seq;
    insert into oms.outbox_history (
        run_id, outbox_id, history_seq, from_status, to_status, actor, reason, moved_at)
    select p_run_id, p_outbox_id, v_seq, h.to_status, p_to_status, audit.get_actor(), p_reason,
           greatest(h.moved_at, p_now_at)
      from oms.outbox_history as h
     where h.run_id = p_run_id and h.outbox_id = p_outbox_id and h.history_seq = v_seq - 1;
    perform audit.append_event(
        p_run_id, 'OMS', 'OUTBOX_' || p_to_status,
        jsonb_build_object('outbox_id', p_outbox_id, 'worker', p_worker_name, 'reason', p_reason),
        p_now_at);
    return v_seq;
end;
$function$;

comment on function oms.move_outbox(uuid, bigint, text, text, text, timestamptz) is
$$Moves an outbox row's status, with history and diary; gives the new history_seq.
Why: the one writer of outbox_status; a move that is not legal fails on its foreign key.
Raises: 23503 not a legal move.$$;
