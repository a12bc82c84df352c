create or replace view inv.a_run_follows_its_moves as
select r.run_id, format('%s at step %s', r.run_status, r.status_seq) as what
  from run.runs as r
  left join lateral (
        select h.* from run.run_history as h
         where h.run_id = r.run_id order by h.history_seq desc limit 1) as h on true
 where (h.history_seq, h.to_status) is distinct from (r.status_seq, r.run_status)
 union all
select h.run_id, 'step ' || h.history_seq
  from run.run_history as h
  left join run.run_moves as m on m.from_status = h.from_status and m.to_status = h.to_status
  left join run.run_history as b on b.run_id = h.run_id and b.history_seq = h.history_seq - 1
 where m.from_status is null
    or coalesce(b.to_status, 'NEW') <> h.from_status
    or b.moved_at > h.moved_at;

comment on view inv.a_run_follows_its_moves is
$$I06 I06b I06c: A run's status is the last of its history, and every move in it is legal, follows the one
before and is no earlier.$$;
