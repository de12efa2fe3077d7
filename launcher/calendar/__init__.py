"""`laksa calendar`: working time as people keep it. Deadlines follow by themselves; nothing here computes one."""
