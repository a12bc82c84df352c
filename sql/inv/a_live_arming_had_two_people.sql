create or replace view inv.a_live_arming_had_two_people as
select g.run_id, format('arming %s by %s and %s', g.history_seq, g.armed_by, g.approved_by) as what
  from run.armings as g
 where g.mode = 'LIVE'
   and not exists (
        select from run.approvals as a
         where (a.run_id, a.approved_by, a.approved_at, a.words)
               = (g.run_id, g.approved_by, g.approved_at, g.words)
           and a.approved_by <> g.armed_by
           and g.armed_at between a.approved_at and a.approved_at + interval '15 minutes');

comment on view inv.a_live_arming_had_two_people is
$$I27: What was armed LIVE had been approved by another person, in the same words, within a quarter of an
hour.$$;
