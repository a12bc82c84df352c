create or replace view inv.an_outbox_row_follows_its_moves as
select h.run_id, format('outbox %s step %s', h.outbox_id, h.history_seq) as what
  from oms.outbox_history as h
  left join oms.outbox_moves as m
    on m.from_status = h.from_status and m.to_status = h.to_status
  left join oms.outbox_history as b
    on b.run_id = h.run_id and b.outbox_id = h.outbox_id and b.history_seq = h.history_seq - 1
 where m.from_status is null
    or coalesce(b.to_status, 'NONE') <> h.from_status
    or b.moved_at > h.moved_at;

comment on view inv.an_outbox_row_follows_its_moves is
$$I06 I06b: Outbox rows make legal moves only, in order of time.$$;
