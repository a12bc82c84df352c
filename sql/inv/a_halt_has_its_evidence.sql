create or replace view inv.a_halt_has_its_evidence as
select h.run_id, format('halt %s: %s', h.history_seq, h.reason) as what
  from run.run_history as h
 where h.to_status = 'HALTED'
   and not exists (
        select from run.trips as t
          join run.trip_kinds as k using (trip_kind)
         where t.run_id = h.run_id and t.halted_seq = h.history_seq
           and t.tripped_at >= h.moved_at and t.evidence <> '{}')
 union all
select t.run_id, 'trip ' || t.trip_seq
  from run.trips as t
  left join run.run_history as h on h.run_id = t.run_id and h.history_seq = t.halted_seq
 where (h.to_status = 'HALTED' and t.tripped_at >= h.moved_at and t.evidence ? 'found') is not true;

comment on view inv.a_halt_has_its_evidence is
$$I51: Every halt was made by a kill switch that wrote down what it saw, and every kill switch belongs to
a halt.$$;
